package words

// englishContactPages is what the pages for contacts say.
const englishContactPages = `
[contacts-write-to]
short Write to {address}
[contacts-ask-delete]
title Delete {party}?
[contacts-same-person]
title {party} is in your contacts already, with the same name or one of the addresses.
[contacts-add-to]
short Add to {party}
[contacts-no-label]
short no label
[contacts-exported]
title {count} contacts are in {file}.
[contacts-exported/one]
title {count} contact is in {file}.
[contacts-reading]
title Reading {file}…
[contacts-not-imported]
title The file cannot be imported.
[contacts-new]
short {count} new contacts
[contacts-new/one]
short {count} new contact
[contacts-merge]
short {count} are merged with whom you have
[contacts-merge/one]
short {count} is merged with whom you have
[contacts-same]
short {count} are there already
[contacts-same/one]
short {count} is there already
[contacts-file-cut]
title The file could not be read to its end.
[contacts-unread]
short {count} entries could not be read:
[contacts-unread/one]
short {count} entry could not be read:
[contacts-more-unread]
short … and {count} more
[contacts-with]
short with {party}
[contacts-shares]
short has an address of {party} too
[contacts-line]
short Line {line}
[contacts-import-these]
short Import {count} contacts
[contacts-import-these/one]
short Import {count} contact
[contacts-not-all-imported]
title Not all could be imported: {count} contacts are kept.
[contacts-not-all-imported/one]
title Not all could be imported: {count} contact is kept.
[contacts-unreadable]
title The contacts cannot be read just now.
[contacts-own-example]
short 0 is at once
[contacts-own-seconds]
title A number of seconds from 0 to {count}.
[contacts-own-file-rings]
short Rings with {file}
[contacts-own-answered-after]
short Answered by itself after {count} s
[contacts-all]
short All contacts
[contacts-edit]
short Edit
[contacts-gone]
title This contact is no longer there.
[contacts-own-calls]
short Calls
[contacts-note]
short Note
[contacts-ring-through]
short Rings while I am not to be disturbed
[contacts-blocked]
short Blocked: never rings here
[contacts-delete-this]
title Delete this contact…
[contacts-call]
short Call
[contacts-favourite]
short Favourite: stands first in lists
[contacts-not-saved]
title The contact could not be saved.
[contacts-list-full]
title The list of callers is full.
[contacts-setting-not-saved]
title The setting could not be saved.
[contacts-goes-for-good]
title The contact goes for good. Calls and messages stay; they show the address then.
[contacts-delete-it]
short Delete the contact
[contacts-not-deleted]
title The contact could not be deleted.
[contacts-nobody]
short Nobody
[contacts-name]
short Name
[contacts-name-example]
short Company, department
[contacts-add-an-address]
short Add an address
[contacts-save]
short Save
[contacts-organisation]
short Organisation
[contacts-numbers-and-addresses]
short Numbers and addresses
[contacts-number-or-address]
short Number or address
[contacts-label]
short Label
[contacts-remove-this-address]
short Remove this address
[contacts-new-contact]
short New contact
[contacts-ask-discard]
title Discard the changes?
[contacts-unsaved]
title This contact has changes that are not saved.
[contacts-discard]
short Discard
[contacts-deleted-meanwhile]
title The contact was deleted meanwhile. Save once more to keep it.
[contacts-ask-same]
title Is it the same person?
[contacts-keep-another]
short Keep as another contact
[contacts-needs-address]
title A contact needs a number or an address.
[contacts-not-exported]
title The contacts could not be exported.
[contacts-export-done]
short Exported
[contacts-ok]
short OK
[contacts-before]
short Before
[contacts-after]
short After
[contacts-import]
short Import
[contacts-no-columns]
title It is neither vCards nor a table with a column of numbers or addresses.
[contacts-no-file]
title What was chosen is not a file.
[contacts-nothing-changed]
title Nothing is changed yet. Press one to choose otherwise.
[contacts-is-new]
short New
[contacts-is-left-out]
short Left out
[contacts-is-apart]
short Kept apart
[contacts-is-merged]
short Merged
[contacts-importing]
title Importing…
[contacts-import-contacts]
short Import contacts
[contacts-search-by]
short Search by name, number or note
[contacts-search]
short Search contacts
[contacts-add]
short Add a contact
[contacts-more]
short More
[contacts-title]
short Contacts
[contacts-nobody-found]
title Nobody is found by that.
[contacts-empty]
title Your contacts will be listed here. Add one with +, or import a file of vCards or a table by the menu.
[contacts-favourites]
short Favourites
[contacts-all-heading]
short All
[contacts-others]
short Others
[contacts-export-all]
short Export all contacts
[contacts-add-menu]
title Add a contact…
[contacts-import-menu]
title Import vCards or a table…
[contacts-export-vcard4]
title Export as vCards…
[contacts-export-vcard3]
title Export as vCards of version 3…
[contacts-export-table]
title Export as a table (CSV)…
[contacts-own-rings-as-account]
short As the account has it
[contacts-own-rings-not]
short None: they do not ring
[contacts-own-rings-calla]
short Calla's own tone
[contacts-own-rings-file]
short A sound file
[contacts-own-ringtone]
short Ringtone
[contacts-own-file-example]
short A WAV, FLAC, MP3 or Ogg file
[contacts-own-sound-file]
short Sound file
[contacts-choose]
title Choose…
[contacts-own-as-account]
short As the account does
[contacts-own-never]
short Never
[contacts-own-after]
short After a time
[contacts-own-answer]
short Answer by itself
[contacts-own-seconds-before]
short Seconds that it rings before
[contacts-own-answer-warning]
title Whoever calls from one of these addresses hears what the microphone hears.
[contacts-own-always]
short Always
[contacts-own-record]
short Record calls
[contacts-own-title]
short Calls with this contact
[contacts-own-choose-ringtone]
short Choose a ringtone
[contacts-own-no-such-file]
title No file has such a name.
[contacts-own-no-file-chosen]
title Choose a sound file.
[contacts-own-silent]
short Does not ring
[contacts-own-calla-rings]
short Rings with Calla's own tone
[contacts-own-never-answered]
short Never answered by itself
[contacts-own-answered-at-once]
short Answered by itself at once
[contacts-own-recorded]
short Always recorded
[contacts-own-not-recorded]
short Recorded only when you say so
[code-page-asked]
title The file does not say in which letters it is written. Choose others if names look wrong.
[code-page-western]
short Western European (Windows-1252)
[code-page-central]
short Central European (Windows-1250)
[code-page-baltic]
short Baltic (Windows-1257)
[code-page-cyrillic]
short Cyrillic (Windows-1251)
[code-page-cyrillic-dos]
short Cyrillic (DOS 866)
[code-page-greek]
short Greek (Windows-1253)
[code-page-turkish]
short Turkish (Windows-1254)
[code-page-hebrew]
short Hebrew (Windows-1255)
[code-page-arabic]
short Arabic (Windows-1256)
[code-page-thai]
short Thai (Windows-874)
[code-page-vietnamese]
short Vietnamese (Windows-1258)
[code-page-japanese]
short Japanese (Shift JIS)
[code-page-chinese]
short Chinese, simplified (GB 18030)
[code-page-big5]
short Chinese, traditional (Big5)
[code-page-korean]
short Korean (EUC-KR)
`
