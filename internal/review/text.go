package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a review quotes comes from a pull request: names, paths and values may hold markup, HTML, mentions or back quotes.
// All of it goes through code or block, which no text can leave.

// longestName is how many characters of a name, or of a statement of a policy, are quoted.
const longestName = 500

// code quotes a text for Markdown on one line, as it is: as a code span whose fence is longer than any in the text.
func code(text string) string {
	text = oneLine(text)
	if utf8.RuneCountInString(text) > longestName {
		text = string([]rune(text)[:longestName]) + "…"
	}
	if text == "" {
		return "(empty)"
	}
	fence := strings.Repeat("`", quotes(text)+1)
	first, last := text[0], text[len(text)-1]
	if first == '`' || last == '`' || first == ' ' && last == ' ' {
		text = " " + text + " " // Markdown takes one space off each end
	}
	return fence + text + fence
}

// block quotes lines for Markdown as a block of code, whose fence is longer than any in the text.
func block(language, text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return visible(r)
	}, text)
	fence := strings.Repeat("`", max(3, quotes(text)+1))
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fence + language + "\n" + text + fence + "\n"
}

// quotes returns the length of the longest run of back quotes.
func quotes(text string) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// oneLine shows what would break the line as a replacement character.
func oneLine(text string) string { return strings.Map(visible, text) }

// visible replaces what nobody sees and what turns a text around, such as a mark of writing from right to left.
func visible(r rune) rune {
	if r == ' ' || unicode.IsPrint(r) {
		return r
	}
	return utf8.RuneError
}

// word keeps of a text what can be part of an HTML comment.
func word(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '?'
	}, text)
}
