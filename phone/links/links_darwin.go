package links

func (p Program) status() (Status, error) { return nil, ErrPackage }
func (p Program) register() error         { return ErrPackage }
func (p Program) unregister() error       { return ErrPackage }
