package words

// englishAccountForm is what the form of an account says around the fields, whose labels and helps the parameters have.
const englishAccountForm = `
[form-no-value]
short None
[form-default-alone]
short Default
[form-forget]
short Forget
[form-unchanged]
short Unchanged
[form-forgotten]
short Forgotten when saved
[form-keep]
short Keep
[form-browse]
short Browse
[form-directly]
short directly where possible
[form-relay-only]
short over TURN only
[form-where-possible]
short where possible
[form-or-no-call]
short or there is no call
[form-never]
short never
[form-default]
short Default: {text}
[form-default-is]
title Default: {text}.
[form-browse-for]
short Browse for {text}
[form-is-default]
short {text} (default)
[form-default-off]
title Default: off.
[form-default-on]
title Default: on.
[form-connector]
title On a web page this is a JavaScript function.
why Here, give a log file or a log command below: each gets every line that the level lets through.
[form-name-example]
short Office
[form-use]
short Use this account
[form-name]
short Name of the account
[form-test]
short Test
[form-save]
short Save
[form-menu]
short More
[form-cannot-be-saved]
title The account cannot be saved.
[form-not-saved]
title The account could not be saved.
[form-testing]
short Testing…
[form-new]
short New account
[form-show-all]
short Show all settings
[form-import]
short Import a JsSIP configuration…
[form-export]
short Export as JsSIP configuration…
[form-password-place]
short Where passwords are kept…
[form-connection]
short How it is connected…
[form-delete]
short Delete this account…
[form-not-deleted]
title The account could not be deleted.
[form-discard]
title Discard the changes?
why This account has changes that are not saved.
short Discard
[form-ask-delete]
title Delete {account}?
why The account and its password are removed from this computer. The account at your provider stays as it is.
short Delete the account
[form-more-fields]
short More
[form-changed]
short {count} changed
[form-add-line]
short Add a line
[form-try-number]
short A number to try
[form-try-rules]
short Dial rules: a number to try
[form-add-rule]
short Add a dial rule
[form-rule-not-right]
title Not to be tried: a rule is not right yet.
[form-dialled-as]
short {text} is dialled as {to}, by {phrase}
[form-dialled-as-is]
title {text} is dialled as it is.
[form-add-server]
short Add a server
[form-weight]
short Weight
[form-add-header]
short Add a header field
[form-add-stun]
short Add a STUN server
[form-put-stun]
short Put stun: in front
[form-these]
short These:
[form-add-turn]
short Add a TURN server
[form-user-name]
short User name
[form-credential]
short Credential
[form-the-default]
short The default, {server}
[form-copy]
short Copy
[form-close]
short Close
[form-move-up]
short Move up
[form-move-down]
short Move down
[form-remove]
short Remove
[form-encrypted]
short Encrypted (wss:)
[form-unencrypted]
short Unencrypted (ws:)
[form-web-address]
title {text} is the address of a web page. Without encryption whoever is on the way can read who calls whom.
[form-used-as]
short Used as {address}
`
