package einvoice

import "strings"

// one is the code of what has no unit.
const one = "C62"

// units are the codes of UN/ECE recommendations 20 and 21 (with X before, as the norm has them) for how people call units in French,
// English and on receipts.
var units = [...]struct{ code, names string }{
	{"C62", "c62 u un unit units unité unités"},
	{"H87", "h87 pce pcs pc piece pieces pièce pièces pièce(s)"},
	{"EA", "ea each"},
	{"SET", "set kit lot"},
	{"PR", "pr pair pairs paire paires"},
	{"DZN", "dzn dozen douzaine"},
	{"GRM", "grm g gram grams gramme grammes"},
	{"KGM", "kgm kg kilo kilos kilogram kilogramme kilogrammes"},
	{"TNE", "tne t tonne tonnes"},
	{"MLT", "mlt ml"},
	{"CLT", "clt cl"},
	{"LTR", "ltr l litre litres liter liters"},
	{"CMT", "cmt cm"},
	{"MTR", "mtr m metre metres mètre mètres meter"},
	{"KMT", "kmt km"},
	{"MTK", "mtk m2 m²"},
	{"MTQ", "mtq m3 m³"},
	{"MIN", "min minute minutes"},
	{"HUR", "hur h hour hours heure heures"},
	{"DAY", "day days jour jours"},
	{"WEE", "wee week weeks semaine semaines"},
	{"MON", "mon month months mois"},
	{"ANN", "ann year years an ans année années"},
	{"KWH", "kwh"},
	{"XBX", "xbx box boxes boîte boîtes"},
	{"XCT", "xct carton cartons"},
	{"XBG", "xbg bag bags sac sacs"},
	{"XBO", "xbo bottle bottles bouteille bouteilles"},
	{"XPX", "xpx pallet pallets palette palettes"},
	{"XPK", "xpk pack packs package packages paquet paquets"},
}

// unitCode is the code of a unit as a line names it; known is false, and the code that of a piece, if we do not know it: then the name
// goes into a note.
func unitCode(name string) (code string, known bool) {
	if name == "" {
		return one, true
	}
	name = strings.ToLower(name)
	for _, u := range units {
		for s := range strings.FieldsSeq(u.names) {
			if s == name {
				return u.code, true
			}
		}
	}
	return one, false
}
