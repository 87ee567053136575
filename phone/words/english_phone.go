package words

// englishPhone is what is told of commands that are refused, of devices, and of what is kept on this computer.
const englishPhone = `
# Why nobody can be called, or written to, with an account.
[account-gone]
title The account is not there any more.
why   It has been deleted.
do    Choose another account and enter the whole address.
short Account is gone
[accounts-off]
title All accounts are switched off.
do    Switch one on to use it.
short Accounts are off
[no-account]
title There is no account to call with.
do    Add an account first.
short No account
[account-not-ready]
title The account {account} is not ready yet.
why   It is just being set up or changed.
do    Try again in a moment.
short Not ready
[account-password-read]
title The account {account} is not ready yet.
why   Its password is being read.
do    Try again in a moment.
short Not ready
[account-off]
title The account {account} is switched off.
do    Switch it on to use it.
short Account is off
[account-connecting]
title The account {account} is still connecting.
do    Try again in a moment.
short Still connecting
[account-registering]
title The account {account} is just registering.
do    Try again in a moment.
short Still registering
[account-signing-off]
title The account {account} is signing off.
do    Try again in a moment.
short Signing off
[account-not-connected]
title The account {account} is not connected.
why   {because.title}
do    We connect again by ourselves; try again then.
short Not connected

# Why a command is not done.
[calling-already]
title You are calling {party} already.
why   Nobody has answered yet.
do    End that call before you call {to}.
short Calling already
[too-many-calls]
title There are {count} calls already.
why   No further one can be kept apart from the others.
do    End one before you call {to}.
short Too many calls
[not-a-target]
title “{text}” cannot be called: it {reason}.
do    Dial a number or an address such as bob@example.com.
short Cannot call
[not-a-target/to]
do    Dial {to} if that is what you mean.
[digits-with-transfer]
title “{text}” has digits for after the answer, which only a call can send.
do    Transfer to {to}, or ask first.
short Not transferred
[address-too-long]
title {to} cannot be called.
why   It is longer than an address can be.
do    Dial a number or an address such as bob@example.com.
short Cannot call
[header-unusable]
title The call could not be started.
why   A header field that was to be sent with it cannot stand there.
do    Correct it.
short Cannot call
[not-connected]
title There is no connection to the phone server.
why   Calls need one.
do    We connect by ourselves; call again then.
short Not connected
[call-not-started]
title The call could not be started.
do    Try again.
short Cannot call
[cannot-hold]
title The call with {party} cannot be put on hold.
[cannot-resume]
title The call with {party} cannot be resumed.
[cannot-hold/call-ending]
why   It is just ending.
short Call is ending
[cannot-resume/call-ending]
why   It is just ending.
short Call is ending
[cannot-hold/call-not-answered]
why   Nobody has answered yet.
do    Wait for the answer.
short Not answered yet
[cannot-resume/call-not-answered]
why   Nobody has answered yet.
do    Wait for the answer.
short Not answered yet
[cannot-hold/call-not-answered-here]
why   You have not answered it yet.
do    Answer it first.
short Not answered yet
[cannot-resume/call-not-answered-here]
why   You have not answered it yet.
do    Answer it first.
short Not answered yet
[call-ending]
title The call is just ending.
short Call is ending
[call-not-answered]
title The call has not been answered yet.
do    Wait for the answer.
short Not answered yet
[call-not-answered-here]
title You have not answered the call yet.
do    Answer it first.
short Not answered yet
[transfer-pending]
title The call is being transferred already.
why   It goes to {to}.
do    Wait for what becomes of that.
short Transfer under way
[transfer-call-ending]
title The call cannot be transferred.
why   It is just ending.
short Call is ending
[transfer-before-answer]
title Only a call that was answered can be transferred.
do    Wait for the answer.
short Not transferred
[transfer-not-connected]
title Not transferred: there is no connection to the phone server.
why   The call goes on.
do    We connect again by ourselves; try again then.
short Not transferred
[transfer-not-asked]
title The transfer could not be asked for.
do    Try again.
short Not transferred
[nothing-to-connect]
title There are no two calls to connect.
why   One of them has ended.
short Nothing to connect
[connect-itself]
title The call with {party} cannot be connected with itself.
do    Choose another call.
short Nothing to connect
[no-conference]
title There is no conference.
why   It has ended, or the call is not in it.
short No conference
[conference-alone]
title A conference needs two calls.
do    Add a call first.
short No second call
[conference-full]
title {party} cannot join the conference.
why   There are {count} in it already, and no more find room.
do    Drop one of them first.
short Conference is full
[conference-not-two]
title Only two can be left to each other, and there are {count} in the conference.
do    Drop the others first, or go on.
short More than two
[conference-before-answer]
title {party} cannot join the conference.
why   The call has not been answered yet.
do    Wait for the answer.
short Not answered yet
[record-before-answer]
title The call with {party} cannot be recorded.
why   It has not been answered yet.
do    Wait for the answer.
short Not answered yet
[not-recorded]
title The call with {party} is not recorded.
do    Begin a recording first.
short Not recorded
[conference-call-ending]
title {party} cannot join the conference.
why   The call is just ending.
short Call is ending
[message-empty]
title The message is empty.
do    Write something.
short Empty message

# Passwords and where they are kept.
[password-forgotten]
title The password of {account} is needed.
why   It was kept only until Calla was closed.
do    Enter it.
short Password needed
[password-left-keyring]
title The keyring no longer has the password of {account}.
why   It was deleted there, or this is another keyring.
do    Enter it again; it is put back.
short Password needed
[password-left-file]
title The password of {account} is not in its file any more.
why   It was to be in secrets.json, beside the accounts.
do    Enter it again.
short Password needed
[keyring-locked]
title The password of {account} is in the keyring, and that is locked.
why   Calla asks again by itself.
do    Unlock the keyring, or enter the password.
short Password needed
[keyring-silent]
title The password of {account} is in the keyring, and that does not answer.
why   Calla asks again by itself.
do    Wait for the keyring, or enter the password.
short Password needed
[keyring-absent]
title The password of {account} was kept in a keyring, and there is none now.
why   Calla asks again by itself.
do    Start the keyring, or enter the password.
short Password needed
[password-unreadable]
title The password of {account} could not be read.
why   {system}
do    Enter it again.
short Password needed
[copy-left-in-keyring]
title An old copy of the password of {account} is left in the keyring.
why   {system}
do    Delete it there: it is an entry of Calla's.
short Old copy left
[copy-left-in-file]
title An old copy of the password of {account} is left in its file.
why   {system}
do    Delete secrets.json, beside the account file, where no other account needs it.
short Old copy left
[realm-asked]
title “{realm}” asked for the password of {account}.
why   It is not the name that the phone server asks in, so nothing was sent: whoever is called can ask like this.
do    Allow it only if your provider uses that name; then call again.
short Asked for the password

# Files.
[settings-not-saved]
title The settings could not be saved.
why   {system}
do    They hold until Calla is closed.
short Not saved
[accounts-read-only]
title Accounts cannot be saved.
why   {Reason}
do    What you change is not kept. The folder is {folder}.
short Nothing is saved
[accounts-newer]
title Accounts cannot be saved.
why   The file {reason}.
do    Start the newer Calla, which can change it. The folder is {folder}.
short Nothing is saved
[accounts-damaged]
title The account file cannot be used.
why   The file {reason}.
do    What you change is not kept. The folder is {folder}.
short Nothing is saved
[accounts-damaged/start-empty]
do    Put it right in {folder} and start Calla again, or start empty: the file is kept under another name.
[accounts-read-only/start-empty]
do    Put it right in {folder} and start Calla again, or start empty: the file is kept under another name.
[accounts-earlier]
title The account file was damaged; an earlier one is used.
why   The file {reason}.
do    Check your accounts.
short Earlier accounts
[accounts-earlier/at]
why   The file {reason}. The one that is used is of {moment}.
[accounts-earlier/file]
do    Check your accounts. The damaged file is kept as {file} in {folder}.
[begun-empty]
title Calla has begun without accounts.
why   The damaged file is kept as {file} in {folder}.
short Damaged file kept
[file-made-private]
title Others could read {file}; now only you can.
short File made private
[value-unusable]
title Something in the account file cannot be used.
why   In {file}: {reason}.
do    It is kept as it is. Correct the account, or the file in {folder}.
short Wrong setting
[recording-not-started]
title The call with {party} is not recorded.
why   {system}
do    The call goes on. Choose another folder than {folder} for recordings.
short Not recorded
[recording-stopped]
title The call with {party} is not recorded any more.
why   {system}
do    The call goes on, and what was recorded until now is in {file}.
short Recording ended
[recording-full]
title The call with {party} is not recorded any more.
why   The file cannot become longer than it is.
do    The call goes on, and what was recorded until now is in {file}. Begin a new recording for the rest.
short Recording ended
[recording-incomplete]
title {after} are missing in the recording of the call with {party}.
why   The disk was too slow.
do    What there is of it is in {file}.
short Recording incomplete
[ringtone-unreadable]
title The ringtone {file} cannot be played.
why   {system}
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-no-file]
title The ringtone {file} cannot be played.
why   It is not a file.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-too-large]
title The ringtone {file} cannot be played.
why   It has more than {count} MB.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-unknown]
title The ringtone {file} cannot be played.
why   It is no sound file of a kind that is played.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-damaged]
title The ringtone {file} cannot be played.
why   It is damaged, or has sound of a kind that cannot be read.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-empty]
title The ringtone {file} cannot be played.
why   There is no sound in it.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Ringtone not played
[ringtone-needs-opus]
title The ringtone {file} cannot be played.
why   It is an Opus file, and this computer has no libopus.
do    Calla's own tone rings in its place. Choose another file: WAV, FLAC, MP3 or Ogg Vorbis.
short Ringtone not played
[hold-music-unreadable]
title The music on hold {file} cannot be played.
why   {system}
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-no-file]
title The music on hold {file} cannot be played.
why   It is not a file.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-too-large]
title The music on hold {file} cannot be played.
why   It has more than {count} MB.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-too-long]
title The music on hold {file} cannot be played.
why   It lasts longer than {after}.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-unknown]
title The music on hold {file} cannot be played.
why   It is no sound file of a kind that is played.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-damaged]
title The music on hold {file} cannot be played.
why   It is damaged, or has sound of a kind that cannot be read.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[hold-music-needs-opus]
title The music on hold {file} cannot be played.
why   It is an Opus file, and this computer has no libopus.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3 or Ogg Vorbis.
short Music on hold not played
[hold-music-empty]
title The music on hold {file} cannot be played.
why   There is no sound in it.
do    Whoever you put on hold hears nothing. Choose another file: WAV, FLAC, MP3, Ogg Vorbis or Opus.
short Music on hold not played
[log-file-unwritable]
title The log file {file} cannot be written.
why   {system}
do    Check it in the account's settings; calls work without.
short Log not written
[log-command-ended]
title The log command of {account} has ended or cannot be run.
why   {system}
do    Check it in the account's settings; calls work without.
short Log not written

[journal-newer]
title History, contacts and messages were written by a newer Calla.
why   This one leaves {file} in {folder} as it is, and keeps nothing of new calls.
do    Use the newer Calla. Calls work with this one too.
short History is newer
[journal-damaged]
title History, contacts and messages were damaged and begin anew.
why   The damaged file is kept as {file} in {folder}.
short History damaged
[journal-locked]
title Another program keeps the history locked.
why   It has {file} in {folder} open.
do    Close that program. What happens meanwhile is written as soon as it can be; calls work without.
short History locked
[journal-not-written]
title History, contacts and messages cannot be written.
why   {system}
do    What happens meanwhile is written as soon as it can be; calls work without.
short History not written
[journal-behind]
title Not all of what has happened is in the history.
why   More came than could be written.
short History incomplete
# Sound devices.
[no-sound-devices]
title No microphone and no loudspeaker: you can neither be heard nor hear.
why   {system}
do    Plug one in, or choose another device.
short No sound devices
[sound-system-gone]
title The sound system of this computer is gone: you can neither be heard nor hear.
do    It is taken up again as soon as it is back. A call goes on.
short Sound system gone
[no-microphone]
title No microphone: you can hear but not be heard.
why   {system}
do    Plug one in, or choose another device.
short No microphone
[no-loudspeaker]
title No loudspeaker: you can be heard but not hear.
why   {system}
do    Plug one in, or choose another device.
short No loudspeaker
[device-stands-in]
title {gone} gone: {used} used.
short Another device is used
[microphone-silent]
title The microphone gives no sound at all.
why   It may be switched off at the device, or this program may not be allowed to use it.
do    Check the switch on the headset and the system's privacy settings, or choose another microphone.
short Microphone is silent
[microphone-silent/used]
title {device} gives no sound: check its switch, or choose another one.
[sound-in-use]
title The sound is in use by a call.
do    Try again after it.
short In a call
[microphone-records-loudspeaker]
title The chosen microphone records what this computer plays: there is no voice to check.
do    Choose a microphone.
short No microphone
[microphone-absent]
title There is no microphone.
do    Plug one in, or choose another device.
short No microphone
[microphone-unusable]
title The microphone cannot be used.
why   {system}
do    Plug one in, or choose another device.
short No microphone
[microphone-too-quiet]
title The microphone is too quiet.
do    Speak closer to it, turn it up in the system's sound settings, or choose another one.
short Too quiet
[microphone-too-loud]
title The microphone is too loud: the sound is distorted.
do    Turn it down in the system's sound settings.
short Too loud
[latency-measured]
title The microphone hears the loudspeaker {count} ms later and {decibels} dB weaker.
why   From mouth to ear that makes about {of} ms where the network takes no time.
short {count} ms
[latency-unheard]
title The microphone does not hear the loudspeaker.
why   With a headset that is as it should be: there is no echo, and nothing to measure.
do    Otherwise see whether one of them is muted or turned down, and measure again.
short Not heard
[latency-noisy]
title It is too noisy to measure.
do    Measure again when it is quiet, or turn the loudspeaker up.
short Too noisy
[latency-unsteady]
title The delay of these devices changes all the time: no figure would be right.
do    Measure again, or choose other devices.
short Changes all the time
[latency-device-lost]
title A sound device went away while it was measured.
do    Measure again.
short Device gone
`

// englishSystem is why the system, or what keeps passwords, could not do a thing.
const englishSystem = `
[no-program]
why   There is no such program.
[not-there]
why   It does not exist.
[not-allowed]
why   This user may not use it.
[disk-full]
why   The disk is full.
[read-only]
why   The disk cannot be written to.
[is-a-folder]
why   It is a folder.
[its-folder-is-none]
why   What should be its folder is a file.
[nothing-listens]
why   Nothing is listening there.
[cut]
why   The other end cut the connection.
[no-way]
why   There is no way to it.
[no-answer]
why   It does not answer.
[no-name]
why   Its name is not known.
[exited]
why   It ended by itself, with the code {exit}.
[killed]
why   It was ended from outside.
[slow-sound]
why   The sound system does not answer.
[only-chosen]
why   What records the loudspeaker is used only when you choose it.
[key-locked]
why   The keyring is locked and waits to be unlocked.
[key-stuck]
why   The keyring does not answer.
[key-absent]
why   This system has no keyring that can be used.
[keys-damaged]
why   The file of passwords is damaged.
[key-too-large]
why   Password and TURN credentials together are too long for a keyring.
[key-not-kept]
why   The password is not kept.
[nothing-kept]
why   Accounts are read only.
`
