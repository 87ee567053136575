package words

// englishDesktop is what the desktop tells beside the windows, and what can be pressed there.
const englishDesktop = `
[no-display]
title There is no display to open a window on.
[display-unreachable]
title No window can be opened: nothing answers at the display “{address}” that DISPLAY names.
do    Start Calla within a desktop, or set DISPLAY to its display.
short No display
[display-refuses]
title No window can be opened: the X server at “{address}” does not let Calla in.
why   The file that XAUTHORITY names has not the right cookie for it, or belongs to somebody else.
short The X server does not let Calla in
[display-no-answer]
title No window can be opened: the display “{address}” takes connections but does not answer.
short The display does not answer
[display-without-gl]
title No window can be opened: the X server at “{address}” has no OpenGL (GLX).
do    Start it with the extension GLX, or Calla without a window.
short No OpenGL
[display-no-library]
title No window can be opened: the library for the display “{address}” is missing.
do    Install libX11, or for Wayland libwayland-client.
short A library is missing
[wayland-unreachable]
title No window can be opened: no compositor answers at “{address}”, which WAYLAND_DISPLAY names.
do    Start Calla within a desktop.
short No display
[no-window]
title No window can be opened: this computer cannot draw one.
do    It takes OpenGL 2.1: see whether a driver for the graphics card is missing.
short No window
[call-rings]
title {party} is calling.
why   For {account}.
short Incoming call
[missed-from]
title You missed a call from {party}.
why   For {account}.
short Missed call
[missed-from/several]
title You missed {count} calls from {party}.
short Missed calls
[message-from]
title {party} wrote to you.
why   For {account}.
short Message
[message-from/several]
title {party} wrote {count} messages to you.
short Messages
[deed-open]
short Show
[deed-answer]
short Answer
[deed-decline]
short Decline
[deed-call-back]
short Call back

# The menu of the tray, and what becomes of a window that is closed: short is the button.
[tray-in-call]
title In a call with {party}.
[tray-in-call/several]
title In {count} calls.
[tray-show]
short Show Calla
[tray-quiet]
short Do not disturb
[tray-account]
short Account
[tray-quit]
short Quit
[closed-to-tray]
title Calla goes on in the tray.
why   It rings when somebody calls.
do    To end it, choose Quit in the menu of its icon there, or press Ctrl+Q in its window.
short Hide the window
[closed-to-minimised]
title Calla goes on with its window minimised.
why   It rings when somebody calls; this desktop has no tray to put it in.
do    To end it, press Ctrl+Q in its window.
short Minimise
[closed-to-end]
title Quit Calla?
why   Nothing rings here then.
short Quit

# Choices of how Calla lives on the desktop: short is the label, why is said under it.
[setting-desktop]
short Desktop
[setting-notifications]
why   A call that rings and one that was missed are told by the desktop, too, where other programs tell of news.
short Tell of calls by notifications
[setting-autostart]
why   It rings from the moment you have logged in.
short Start Calla when you log in
[setting-start-hidden]
why   It starts as an icon in the tray; where there is no tray, minimised.
short Start it without its window
[setting-not-saved]
title The choice could not be saved.
short Not saved
`
