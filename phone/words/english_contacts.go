package words

// englishContacts is what is told of files with contacts. What is counted is the file's lines.
const englishContacts = `
[calls-itself]
short calls itself “{party}”

# What of a file could not be read.
[contact-line-too-long]
title Line {count} is too long.
why   What is over 64 kB of it has been left out.
short Line {count} is too long
[contact-line-unreadable]
title Line {count} cannot be read.
why   {text}
short Line {count} cannot be read
[contact-card-too-long]
title The contact with line {count} has more in it than can be kept.
why   What comes after that line has been left out of it.
short Too much in line {count}
[contact-card-unfinished]
title The contact that begins in line {count} has no end.
why   What there is of it has been read.
short No end to line {count}
[contact-quote-open]
title The quotation mark in line {count} has no second one.
why   The line has been read without it.
short Quotation mark in line {count}
[contact-address-unusable]
title “{text}” in line {count} cannot be called: it {reason}.
short Line {count}: it {reason}
[contact-too-many-addresses]
title The contact with line {count} has more addresses than can be kept.
why   “{text}” has been left out.
short Too many addresses in line {count}
[contact-without-address]
title “{text}” in line {count} has nothing that could be called.
short Nobody to call in line {count}
[contacts-too-many]
title The file has more contacts than can be read at once.
why   Nothing has been read from line {count} on.
do    Divide it into several files.
short Too many contacts
`
