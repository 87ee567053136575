package words

// englishContacts is what is told of files with contacts. What is counted is the file's lines.
const englishContacts = `
[calls-itself]
short calls itself “{party}”

# What of a file could not be read.
[contact-line-too-long]
title Line {line} is too long.
why   What is over 64 kB of it has been left out.
short Line {line} is too long
[contact-line-unreadable]
title Line {line} cannot be read.
why   {text}
short Line {line} cannot be read
[contact-card-too-long]
title The contact with line {line} has more in it than can be kept.
why   What comes after that line has been left out of it.
short Too much in line {line}
[contact-card-unfinished]
title The contact that begins in line {line} has no end.
why   What there is of it has been read.
short No end to line {line}
[contact-quote-open]
title The quotation mark in line {line} has no second one.
why   The line has been read without it.
short Quotation mark in line {line}
[contact-address-unusable]
title “{text}” in line {line} cannot be called: it {reason}.
short Line {line}: it {reason}
[contact-too-many-addresses]
title The contact with line {line} has more addresses than can be kept.
why   “{text}” has been left out.
short Too many addresses in line {line}
[contact-without-address]
title “{text}” in line {line} has nothing that could be called.
short Nobody to call in line {line}
[contacts-too-many]
title The file has more contacts than can be read at once.
why   Nothing has been read from line {line} on.
do    Divide it into several files.
short Too many contacts
`
