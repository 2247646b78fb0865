package billing_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/payrules/payrules/billing"
)

// smallRetail is a file as a shop has it, sorted by customer and not by time. Nothing in it is anybody's.
const smallRetail = retailColumns + `
1001,22423,CAKE STAND,5,1/3/2011 9:15,10.00,501,France
1001,POST,POSTAGE,1,1/3/2011 9:15,5,501,France
1001,22841,"CAKE TIN, ROUND",1,1/3/2011 9:15,0,501,France
1002,22423,CAKE STAND,3,1/4/2011 10:00,10.00,501,France
1003,85123A,"LIGHT HOLDER, WHITE",20,1/5/2011 11:30,2.55,501,France
1009,85123A,"LIGHT HOLDER, WHITE",20,1/10/2011 8:00,2.55,501,France
C1004,22423,CAKE STAND,-4,1/6/2011 14:00,10.00,501,France
C1011,22423,CAKE STAND,-4,1/6/2011 15:00,10.00,501,France
C1005,85123A,"LIGHT HOLDER, WHITE",-1,1/7/2011 14:00,2.55,501,France
C1006,POST,POSTAGE,-2,1/8/2011 14:00,5,501,France
C1007,M,Manual,-1,1/9/2011 14:00,9.99,501,France
C1000,22423,CAKE STAND,-2,1/2/2011 9:00,10.00,501,France
1008,22423,CAKE STAND,10,1/2/2011 9:05,10.00,502,Norway
1010,22423,CAKE STAND,-1,1/9/2011 9:05,10.00,502,Norway
`

// mustPass stands in for a test where there is none.
type mustPass struct{}

func (mustPass) Helper()           {}
func (mustPass) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// A shop sells on account, to 100.00 GBP a customer. Its file names what was bought and what was cancelled, and not which purchase a
// cancellation is of: that is found by the customer, the product and the price. Four cake stands are of the latest purchase that had as
// many, and four more of both.
func Example_retail() {
	file, err := readRetail(strings.NewReader(smallRetail))
	if err != nil {
		panic(err)
	}
	shop := retailShop{limit: 100_00, vat: billing.MustVATAt("0")}
	shop.sell(mustPass{}, file)
	for _, c := range shop.calls {
		what, became := "buys", fmt.Sprint("refused: ", c.got.Reasons())
		if c.refund != nil {
			what = "cancels"
		}
		if c.got.Accepted {
			became = fmt.Sprint("accepted, owes ", c.got.Exposure)
		}
		fmt.Println(c.got.At.Format(time.DateOnly), c.customer, what, c.got.ID, c.got.Totals.Gross, became)
	}
	fmt.Print(&shop.report)
	fmt.Println("owed in the end:", shop.owed().Total)
	fmt.Println("of no use:", file.strange.Wrong)
	// Output:
	// 2011-01-02 502 buys 1008 100.00 GBP accepted, owes 100.00 GBP
	// 2011-01-03 501 buys 1001 55.00 GBP accepted, owes 55.00 GBP
	// 2011-01-04 501 buys 1002 30.00 GBP accepted, owes 85.00 GBP
	// 2011-01-05 501 buys 1003 51.00 GBP refused: [exposure_exceeded]
	// 2011-01-06 501 cancels C1004/1001 40.00 GBP accepted, owes 45.00 GBP
	// 2011-01-06 501 cancels C1011/1002 30.00 GBP accepted, owes 15.00 GBP
	// 2011-01-06 501 cancels C1011/1001 10.00 GBP accepted, owes 5.00 GBP
	// 2011-01-08 501 cancels C1006/1001 5.00 GBP accepted, owes 0.00 GBP
	// 2011-01-10 501 buys 1009 51.00 GBP accepted, owes 51.00 GBP
	// accepted: 4 for 236.00 GBP
	// refused: 1 for 51.00 GBP
	// given back: 3 for 85.00 GBP
	// cancelled, but never bought: 1 for 9.99 GBP
	// cancelled, and bought only later: 1 for 20.00 GBP
	// cancelled, but the purchase was refused: 1 for 2.55 GBP
	// cancelled, but less is left: 1 for 5.00 GBP
	// owed in the end: 151.00 GBP
	// of no use: 1 for -10.00 GBP
}
