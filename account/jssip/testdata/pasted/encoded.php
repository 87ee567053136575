<script>new JsSIP.UA(<?php echo json_encode(['uri' => 'sip:alice@example.com', 'ws_servers' => ['wss://ws.example.com:8443/sip']]); ?>);</script>
