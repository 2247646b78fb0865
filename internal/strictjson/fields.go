package strictjson

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// member is a field of a struct, or of one that is embedded in it, while it may still be hidden by another.
type member struct {
	reflect.StructField
	name   string
	index  []int // the way to it
	tagged bool  // the name comes from its tag
	quoted bool  // it has the option string, which encoding/json heeds for its type
}

// fields makes the fields of a structure.
func (b planner) fields(p *plan) {
	p.exact, p.folded = make(map[string]int), make(map[string]int)
	for i, m := range visible(members(p.typ)) {
		f := field{name: m.name, index: m.index, class: i}
		switch {
		case m.quoted:
			only := reflect.StructField{Name: "X", Type: m.Type, Tag: `json:"x,string"`}
			f.plan = &plan{how: foreign, typ: m.Type, holder: reflect.StructOf([]reflect.StructField{only})}
		case !m.IsExported(): // an embedded struct with a tag, whose methods reflection may not call
			f.plan = b.plan(m.Type, false)
		default:
			f.plan = b.part(m.Type)
		}
		p.exact[m.name] = i
		if first, ok := p.folded[fold([]byte(m.name))]; ok {
			f.class = first
		} else {
			p.folded[fold([]byte(m.name))] = i
		}
		p.fields = append(p.fields, f)
	}
}

// members lists the fields of a struct, and of those that it embeds, level by level, as encoding/json finds them: a struct that
// is embedded on two levels counts on the first; one that is embedded twice on a level has each field twice, so that they hide
// each other.
func members(t reflect.Type) []member {
	type embedded struct {
		typ   reflect.Type
		index []int
	}
	var found []member
	visited := make(map[reflect.Type]bool)
	level, times := []embedded{{typ: t}}, map[reflect.Type]int{}
	for len(level) > 0 {
		var deeper []embedded
		deeperTimes := make(map[reflect.Type]int)
		for _, e := range level {
			if visited[e.typ] {
				continue
			}
			visited[e.typ] = true
			for i := range e.typ.NumField() {
				m, ok := memberOf(e.typ.Field(i))
				if !ok {
					continue
				}
				m.index = append(slices.Clone(e.index), i)
				if inner := pointee(m.Type); m.Anonymous && !m.tagged && inner.Kind() == reflect.Struct {
					deeper = append(deeper, embedded{inner, m.index})
					deeperTimes[inner]++
					continue
				}
				found = append(found, m)
				if times[e.typ] > 1 {
					found = append(found, m)
				}
			}
		}
		level, times = deeper, deeperTimes
	}
	return found
}

// memberOf reports whether f is one that JSON may hold, and under which name.
func memberOf(f reflect.StructField) (member, bool) {
	embedded := f.Type
	if embedded.Kind() == reflect.Pointer {
		embedded = embedded.Elem()
	}
	tag := f.Tag.Get("json")
	if tag == "-" || !f.IsExported() && !(f.Anonymous && embedded.Kind() == reflect.Struct) {
		return member{}, false
	}
	name, options, _ := strings.Cut(tag, ",")
	m := member{StructField: f, name: name, tagged: validName(name)}
	if !m.tagged {
		m.name = f.Name
	}
	if slices.Contains(strings.Split(options, ","), "string") {
		switch pointee(f.Type).Kind() {
		case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
			reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
			reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
			m.quoted = true
		default:
		}
	}
	return m, true
}

// pointee is what an unnamed pointer type leads to, and t itself for any other.
func pointee(t reflect.Type) reflect.Type {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// validName reports whether encoding/json takes a name from a tag.
func validName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

// visible leaves, of the members of one name, the one that hides the others, and none if it is not one alone: that of the
// outermost level and, there, that with a tag.
func visible(all []member) []member {
	rank := func(a, b member) int {
		if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
			return c
		}
		if a.tagged {
			return -1
		}
		return 1
	}
	byName := make(map[string][]member)
	for _, m := range all {
		byName[m.name] = append(byName[m.name], m)
	}
	var out []member
	for _, same := range byName {
		slices.SortStableFunc(same, rank)
		if len(same) == 1 || rank(same[0], same[1]) != 0 {
			out = append(out, same[0])
		}
	}
	slices.SortFunc(out, func(a, b member) int { return slices.Compare(a.index, b.index) })
	return out
}
