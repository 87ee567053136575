package cause

// What the robots of the try-out server do, and what is heard in a call with them.
const (
	RobotsTitle   Kind = "robots-title" // a heading
	RobotEcho     Kind = "robot-echo"
	RobotTone     Kind = "robot-tone"
	RobotBusy     Kind = "robot-busy"
	RobotNoAnswer Kind = "robot-noanswer"
	RobotHold     Kind = "robot-hold"
	RobotTransfer Kind = "robot-transfer"
	RobotForward  Kind = "robot-forward"
	RobotMessage  Kind = "robot-message"
	HearYourself  Kind = "hear-yourself"
	HearTone      Kind = "hear-tone"
)
