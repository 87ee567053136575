package words

// englishExchange is what is said when configurations are imported and exported.
const englishExchange = `
[exchange-copy]
short Copy
[exchange-copied]
short Copied
[exchange-save-to-file]
short Save to a file…
[exchange-save]
short Save the configuration
[exchange-not-saved]
title The configuration could not be saved.
[exchange-export]
short Export for JsSIP
[exchange-form-old]
short JsSIP 0.4
[exchange-form-new]
short JsSIP 3
[exchange-form-all]
short JSON, everything
[exchange-form-j-s-o-n]
short JSON for JsSIP 3
[exchange-configuration]
short Configuration
[exchange-form]
short Form
[exchange-with-passwords]
short Include passwords
[exchange-with-instance]
short Include instance_id
[exchange-no-passwords]
title Passwords and credentials are left out.
[exchange-holds-passwords]
title The text holds passwords that anybody can read. Keep it to yourself.
[exchange-same-instance]
title With the same instance_id two phones are one to the server: each takes the other's calls away.
[exchange-unread]
title The file cannot be read.
[exchange-import]
short Import a JsSIP configuration
[exchange-choose-one]
short Choose one
[exchange-open-file]
short Open a file…
[exchange-open]
short Open a configuration
[exchange-use]
short Use this
[exchange-paste]
title Paste the object, the script or the whole page it stands in: JavaScript, TypeScript or JSON.
why It is not run, nor sent anywhere.
[exchange-at-line]
short {text}, line {line}
[exchange-several]
title There are {count} configurations in it. Which one?
[exchange-understood]
title Understood: {text}.
[exchange-to-fill]
title {parameter} is {reason}. Line {line}, column {phrase}.
[exchange-changed]
title Changed: {parameter} {reason}.
[exchange-ignored]
title Ignored: {parameter} {reason}.
[exchange-wants-here]
title This configuration wants to do something on this computer.
why It is left out unless you switch it on.
do Do so only where you know who wrote it.
[exchange-allow]
short Allow {parameter}
`
