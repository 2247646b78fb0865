package cashback

import "errors"

// ErrInvalid is wrapped when a program, a purchase or a command breaks a stated form or bound. The message names the field.
var ErrInvalid = errors.New("cashback: invalid")
