package webhook

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// MaxRetryAfter is the longest time that a receiver can ask to be left alone. What it asks beyond counts as this.
const MaxRetryAfter = 24 * time.Hour

// Outcome says what an attempt means for the next one.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered" // the receiver has answered 2xx
	Failed    Outcome = "failed"    // again, as the schedule says
	Throttled Outcome = "throttled" // again, but no sooner than the schedule says
	Disabled  Outcome = "disabled"  // never again: the endpoint wants no more messages
)

// Reason says why a message was not delivered.
type Reason string

// The reasons, in order of precedence.
const (
	ReasonCanceled    Reason = "canceled"            // the caller's context ended
	ReasonAddress     Reason = "address_refused"     // the name leads to an address that is not public
	ReasonTimeout     Reason = "timeout"             // no answer in time
	ReasonName        Reason = "name_not_resolved"   // no address for the name
	ReasonCertificate Reason = "certificate"         // the server's certificate is not trusted
	ReasonNoAnswer    Reason = "no_answer"           // not reached, or what came is not HTTP, or its headers are too large
	ReasonRedirect    Reason = "redirect"            // 3xx, which is not followed
	ReasonGone        Reason = "gone"                // 410
	ReasonOverloaded  Reason = "overloaded"          // 429, 502, 504
	ReasonStatus      Reason = "unsuccessful_status" // any other status but 2xx
)

var reasonList = [...]Reason{
	ReasonCanceled, ReasonAddress, ReasonTimeout, ReasonName, ReasonCertificate, ReasonNoAnswer,
	ReasonRedirect, ReasonGone, ReasonOverloaded, ReasonStatus,
}

// Reasons are all of them, in order of precedence.
func Reasons() []Reason { return slices.Clone(reasonList[:]) }

// Valid says whether r is one of Reasons.
func (r Reason) Valid() bool { return slices.Contains(reasonList[:], r) }

// Attempt is what there is to log about one try to deliver a message. It holds nothing of the message's body, of the
// answer's, of a key, or of the endpoint's URL.
type Attempt struct {
	MessageID  string        `json:"message_id"`
	At         time.Time     `json:"at"`      // when it began: the time that was signed
	Took       time.Duration `json:"took_ns"` // by the sender's clock
	Outcome    Outcome       `json:"outcome"`
	Reason     Reason        `json:"reason,omitempty"`         // "" if delivered
	Status     int           `json:"status,omitempty"`         // of HTTP; 0 if none came
	RetryAfter time.Duration `json:"retry_after_ns,omitempty"` // as the receiver asked, at most MaxRetryAfter
	ReplyBytes int64         `json:"reply_bytes"`              // how much of the answer's body was read, at most MaxReply
}

// judge fills in what a status and its headers mean.
func (a *Attempt) judge(status int, header http.Header, now time.Time) {
	a.Status = status
	switch {
	case status >= 200 && status < 300:
		a.Outcome, a.Reason = Delivered, ""
	case status >= 300 && status < 400:
		a.Outcome, a.Reason = Failed, ReasonRedirect
	case status == http.StatusGone:
		a.Outcome, a.Reason = Disabled, ReasonGone
	case status == http.StatusTooManyRequests || status == http.StatusBadGateway || status == http.StatusGatewayTimeout:
		a.Outcome, a.Reason = Throttled, ReasonOverloaded
	default:
		a.Outcome, a.Reason = Failed, ReasonStatus
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.RetryAfter = retryAfter(header.Get("Retry-After"), now)
	}
}

// retryAfter reads seconds or an HTTP date: 0 for neither, and for what is past.
func retryAfter(value string, now time.Time) time.Duration {
	if len(value) > 64 {
		return 0
	}
	if isDigits(value) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(MaxRetryAfter/time.Second) { // more than an int64 is more than a day
			return MaxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return clamp(at.Sub(now), MaxRetryAfter)
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// clamp is d, but at least 0 and at most most.
func clamp(d, most time.Duration) time.Duration { return min(max(d, 0), most) }
