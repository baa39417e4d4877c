package snapshot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Bounds of a file_name, in bytes.
const (
	maxName = 1024
	maxPart = 200
)

const nameRule = "a name has parts of 1 to 200 bytes with / between them, 1024 bytes at most; a part does not begin with a dot, end with a dot or a space, contain a control character, a backslash or a colon, nor is it the name of a device of Windows"

// validName reports whether a file_name can be the name of a file below a
// directory: it can neither leave the directory nor hide in it, on any system.
func validName(name string) bool {
	if len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, notInName) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || len(part) > maxPart || part[0] == '.' || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || isDevice(part) {
			return false
		}
	}
	return true
}

// ValidName reports whether a name can be a file_name.
func ValidName(name string) bool { return validName(name) }

// notInName reports characters that no name has, those among them that do not show and
// that a file system may pass over.
func notInName(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\\' || r == ':'
}

// isDevice reports whether Windows takes a name for a device, which it does
// whatever its case and its extension
// (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
func isDevice(part string) bool {
	const digits = "0123456789¹²³"
	base, _, _ := strings.Cut(part, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if number, ok := strings.CutPrefix(base, port); ok && utf8.RuneCountInString(number) == 1 && strings.Contains(digits, number) {
			return true
		}
	}
	return false
}

// foldName makes names equal that a file system without case takes for the same.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// checkNames checks the names of a snapshot's files together: as files of one
// directory, each beside the others, they would not disturb each other.
func checkNames(files []File) error {
	taken := map[string]string{foldName(tarMetadata): tarMetadata, foldName(tarEnd): tarEnd}
	folders, databases := make(map[string]string), make(map[string]string)
	foldedNames := make([]string, len(files))
	for i := range files {
		name := files[i].Name
		folded := foldName(name)
		foldedNames[i] = folded
		if other, ok := taken[folded]; ok {
			return fault.Damaged("metadata files[%d]: file_name %s is the same as %s where case does not count; it must be another", i, fault.Quote(name), fault.Quote(other))
		}
		taken[folded] = name
		if files[i].Type == TypeDatabase {
			databases[folded] = name
		}
		for at, c := range folded {
			if c == '/' {
				folders[folded[:at]] = name
			}
		}
		if len(folders) > MaxFiles {
			return fault.Damaged("metadata lists files in more than %d folders, which no snapshot has", MaxFiles)
		}
	}
	for folder, name := range folders {
		if other, ok := taken[folder]; ok {
			return fault.Damaged("metadata lists the file %s, which is a folder of %s", fault.Quote(other), fault.Quote(name))
		}
	}
	return checkBesideDatabases(files, foldedNames, databases)
}

// checkBesideDatabases refuses names that SQLite would take for a journal or a WAL
// of a database. foldedNames are those of files; the databases are by theirs.
func checkBesideDatabases(files []File, foldedNames []string, databases map[string]string) error {
	for i, folded := range foldedNames {
		for at, c := range folded {
			if c != '-' {
				continue
			}
			if database, ok := databases[folded[:at]]; ok {
				return fault.Damaged("metadata files[%d]: file_name %s begins with the name of the database %s and '-', as the files do that SQLite makes beside it", i, fault.Quote(files[i].Name), fault.Quote(database))
			}
		}
	}
	return nil
}
