<?php $title = 'Phone'; ?>
@section('scripts')
<script>
const ua = new JsSIP.UA({ uri: 'sip:alice@example.com', password: {!! json_encode($secret) !!}, sockets: [new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip')] });
</script>