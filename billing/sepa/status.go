package sepa

import "cmp"

// status reads a CstmrPmtStsRpt: the pain.002 of what became of a message.
func (p *parser) status() error {
	return p.each(func(name string) error {
		switch name {
		case "GrpHdr":
			return p.header()
		case "OrgnlGrpInfAndSts":
			return p.each(func(name string) error {
				switch name {
				case "OrgnlMsgId":
					return p.text(&p.out.Original, 35)
				case "OrgnlMsgNmId":
					return p.text(&p.out.OriginalName, 35)
				case "GrpSts":
					return p.text(&p.out.Whole.Status, 4)
				case "StsRsnInf":
					return p.why(&p.out.Whole)
				}
				return p.skip()
			})
		case "OrgnlPmtInfAndSts":
			return p.group()
		}
		return p.skip()
	})
}

// group reads an OrgnlPmtInfAndSts. By the schema its own status comes before its transactions, which may have none because of it.
func (p *parser) group() error {
	if len(p.out.Groups) == MaxTransactions {
		return p.fault("too many groups")
	}
	var g GroupOutcome
	err := p.each(func(name string) error {
		switch name {
		case "OrgnlPmtInfId":
			return p.text(&g.Group, 35)
		case "PmtInfSts":
			return p.text(&g.Status, 4)
		case "StsRsnInf":
			return p.why(&g.Outcome)
		case "TxInfAndSts":
			return p.transaction(&g)
		}
		return p.skip()
	})
	p.out.Groups = append(p.out.Groups, g)
	return err
}

// transaction reads a TxInfAndSts. A status that it does not have is that of its group, or of the message.
func (p *parser) transaction(g *GroupOutcome) error {
	r := Return{Group: g.Group, Kind: Reject, On: p.out.CreatedOn}
	var o Outcome
	if err := p.each(func(name string) error {
		switch name {
		case "OrgnlEndToEndId":
			return p.text(&r.EndToEndID, 35)
		case "TxSts":
			return p.text(&o.Status, 4)
		case "StsRsnInf":
			return p.why(&o)
		case "OrgnlTxRef":
			return p.original(&r)
		}
		return p.skip()
	}); err != nil {
		return err
	}
	o.Status = cmp.Or(o.Status, g.Status, p.out.Whole.Status)
	switch {
	case o.Status == "" || o.Status == "PART":
		return p.fault("a transaction has no status, nor has its group or message one that would be its own")
	case !p.out.isOfCollections():
		return p.pass(r.EndToEndID, o.Status+" of "+p.out.OriginalName, r.Amount)
	case !o.isReject():
		return p.pass(r.EndToEndID, o.Status, r.Amount)
	}
	o = o.or(g.or(p.out.Whole))
	r.Code, r.Text = o.Code, o.Text
	if r.Code == "MD06" { // never before the booking
		r.Kind = Refund
	}
	return p.add(&r)
}

// original reads an OrgnlTxRef.
func (p *parser) original(r *Return) error {
	return p.each(func(name string) error {
		switch name {
		case "Amt":
			return p.within("InstdAmt", func() error { return p.amount(&r.Amount) })
		case "MndtRltdInf":
			return p.mandate(&r.Mandate)
		}
		return p.skip()
	})
}

// mandate reads a MndtRltdInf, which has the reference one element deeper in newer versions.
func (p *parser) mandate(to *string) error {
	return p.each(func(name string) error {
		switch name {
		case "MndtId":
			return p.text(to, 35)
		case "DrctDbtMndt":
			return p.within("MndtId", func() error { return p.text(to, 35) })
		}
		return p.skip()
	})
}
