package python

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/unicode/runenames"
)

// named is a character and a hash of its Unicode name.
type named struct {
	hash uint32
	char rune
}

// byName has the characters by the hashes of their names; it is made when the first
// \N{…} is met. It holds no pointers, since collecting garbage would go through 35,000 strings.
var byName = sync.OnceValue(func() []named {
	list := make([]named, 0, 40000)
	add := func(from, to rune) {
		for r := from; r < to; r++ {
			if name := runenames.Name(r); name != "" && name[0] != '<' {
				list = append(list, named{hashName(name), r})
			}
		}
	}
	add(' ', 0x20000)
	add(0xe0000, 0xe0200)
	slices.SortFunc(list, func(a, b named) int { return cmp.Compare(a.hash, b.hash) })
	return list
})

// hashName is FNV-1a (Fowler, Noll, Vo).
func hashName(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h
}

// controlNames are formal aliases of characters that have no name, and other
// aliases in use (Unicode's NameAliases.txt).
var controlNames = map[string]rune{
	"NULL": 0, "NUL": 0, "START OF HEADING": 1, "START OF TEXT": 2, "END OF TEXT": 3, "END OF TRANSMISSION": 4,
	"ENQUIRY": 5, "ACKNOWLEDGE": 6, "ALERT": 7, "BEL": 7, "BACKSPACE": 8, "BS": 8, "CHARACTER TABULATION": 9,
	"HORIZONTAL TABULATION": 9, "TAB": 9, "HT": 9, "LINE FEED": 10, "NEW LINE": 10, "END OF LINE": 10, "LF": 10,
	"NL": 10, "EOL": 10, "LINE TABULATION": 11, "VERTICAL TABULATION": 11, "VT": 11, "FORM FEED": 12, "FF": 12,
	"CARRIAGE RETURN": 13, "CR": 13, "SHIFT OUT": 14, "SHIFT IN": 15, "ESCAPE": 27, "ESC": 27, "SP": 32,
	"DELETE": 127, "DEL": 127, "NEXT LINE": 133, "NEL": 133, "NBSP": 160, "SHY": 173, "ZWSP": 0x200b,
	"ZWNJ": 0x200c, "ZWJ": 0x200d, "LRM": 0x200e, "RLM": 0x200f, "LRE": 0x202a, "RLE": 0x202b, "PDF": 0x202c,
	"LRO": 0x202d, "RLO": 0x202e, "NNBSP": 0x202f, "WJ": 0x2060, "LRI": 0x2066, "RLI": 0x2067, "FSI": 0x2068,
	"PDI": 0x2069, "BYTE ORDER MARK": 0xfeff, "BOM": 0xfeff, "ZWNBSP": 0xfeff,
}

// ideographs are the names that end with their code point.
var ideographs = []string{"CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "TANGUT IDEOGRAPH-"}

// characterNamed finds a character by its name, in capitals or not. Names of
// Hangul syllables, which are composed, give the replacement character.
func characterNamed(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if r, ok := controlNames[name]; ok {
		return r, true
	}
	list, hash := byName(), hashName(name)
	i, _ := slices.BinarySearchFunc(list, hash, func(n named, hash uint32) int { return cmp.Compare(n.hash, hash) })
	for ; i < len(list) && list[i].hash == hash; i++ {
		if runenames.Name(list[i].char) == name {
			return list[i].char, true
		}
	}
	for _, prefix := range ideographs {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			r, err := strconv.ParseUint(digits, 16, 21)
			return rune(r), err == nil
		}
	}
	return '\uFFFD', strings.HasPrefix(name, "HANGUL SYLLABLE ")
}
