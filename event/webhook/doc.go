// Package webhook sends events to the systems of others over HTTP, and receives them: Standard Webhooks 1.0.0.
//
// # Basics
//
// A [Sender] makes one attempt to deliver a [Message] to an [Endpoint]; a [Publisher] does it for records. What came of it
// is an [Attempt], a value for a log; a [Schedule] says when to try again. At the other end a [Verifier] checks who sent a
// message and when, and [Handler] hands the record in it to a function.
//
//	Record ──NewMessage──▶ Message ──Sender.Send──▶ HTTP ──Handler (Verifier.Verify)──▶ Record
//	                          ▲           │
//	                          └─Schedule──┴─▶ Attempt
//
// # Form
//
// The body is the CloudEvent of a record as JSON ([event.CloudEvent]). Three headers stand beside it: webhook-id is the id of
// the record ([MessageID]), the same for every attempt; webhook-timestamp is the second of the attempt; webhook-signature is
// one or more signatures over "id.timestamp.body" with spaces between. A receiver that knows only Standard Webhooks reads it.
//
//	key            text      signature   algorithm
//	[Secret]       whsec_…   v1,…        HMAC-SHA256; sender and receiver have the same secret of 24 to 64 bytes
//	[SigningKey]   whsk_…    v1a,…       ed25519; the sender's half
//	[PublicKey]    whpk_…    v1a,…       ed25519; the receiver's half
//
// To exchange a key: give the receiver the new one beside the old, let the endpoint sign with both, take the old one away at
// the receiver, then at the sender.
//
// # Laws
//
//	W1  What Sign signs verifies, with any of the keys and within the tolerance.
//	W2  A message of which any bit of id, timestamp, body or signature was changed does not verify.
//	W3  One signature fits one id, time and body: an id holds no full stop, and different records have different ids.
//	W4  What is older or newer than the tolerance does not verify, however well it is signed.
//	W5  No connection is made to an address that is neither public nor allowed, whatever a name, a redirect or a URL says.
//	W6  An attempt ends within the timeout, and reads at most MaxReply bytes of headers and as many of the body.
//	W7  Only 2xx is delivered. After 410 there is no further attempt; before Retry-After has passed there is none.
//	W8  No error, attempt or printed key holds anything of a body, a URL or a secret.
//
// # Addresses
//
// Endpoints are named by others, so a URL may lead into one's own network. Connections are refused to private, loopback,
// link-local, multicast, unspecified, documentation, benchmarking and reserved addresses, to those that carriers share
// (100.64.0.0/10), and to the IPv6 ranges that lead to IPv4 (NAT64, 6to4, Teredo); an IPv4-mapped address is judged as the
// IPv4 address. This happens when the socket is about to be connected, so names that change their mind gain nothing.
// [SenderOptions].Allow makes exceptions.
//
// # Time
//
// A sender's clock sets the timestamp, a receiver's judges it; both are injected (Now), and Verify and Next take an instant.
//
// # Errors
//
// [ErrKey] for a text that is no key, [ErrMalformed], [ErrSignature] and [ErrStale] for messages, [ErrEndpoint] for a URL,
// [*UndeliveredError] from a Publisher. A receiver that says no is no error of Send: it is the Attempt's outcome.
//
// # Caveats
//
// At least once, and in no promised order beyond that of one Publish: after a timeout the receiver may have the message. It
// tells a message by its id, and has to remember ids for twice the tolerance at least, since a copy verifies as long.
//
// On a network that reaches IPv4 only by NAT64, allow 64:ff9b::/96 and let the translator refuse what is private.
//
// A Publisher does not repeat by itself, and forgets with the process that an endpoint is disabled: the host keeps that.
package webhook
