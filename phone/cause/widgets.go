package cause

// What of the window is told by name where no word of it is seen, and the state of switches.
const (
	WidgetOn             Kind = "widget-on"
	WidgetOff            Kind = "widget-off"
	WidgetNew            Kind = "widget-new"
	WidgetChosen         Kind = "widget-chosen"
	WidgetIsOff          Kind = "widget-is-off"
	WidgetIsOn           Kind = "widget-is-on"
	WidgetQualityUnknown Kind = "widget-quality-unknown"
	WidgetNoSound        Kind = "widget-no-sound"
	WidgetPoor           Kind = "widget-poor"
	WidgetFair           Kind = "widget-fair"
	WidgetGood           Kind = "widget-good"
	WidgetVeryGood       Kind = "widget-very-good"
)
