package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The completion of bash, sourced by bash, knows the commands, their flags and the words
// of --index-files; those of the other shells are there.
func TestCompletion(t *testing.T) {
	p := newPlace(t)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		text := p.good("completion", shell)
		if first, _, _ := strings.Cut(text, "\n"); !strings.Contains(first, "vxsnap") || strings.Count(text, "\n") < 100 {
			t.Errorf("completion %s printed %q", shell, first)
		}
	}
	complete := func(line ...string) []string {
		t.Helper()
		script := `source <(vxsnap completion bash); complete -p vxsnap >/dev/null || exit 1
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}; compopt() { :; }
			_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
			_init_completion() { _get_comp_words_by_ref; }
			__start_vxsnap; printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", append([]string{"-c", script, "bash", "vxsnap"}, line...)...)
		cmd.Dir = p.dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(command)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var words []string
		for line := range strings.Lines(string(out)) {
			if fields := strings.Fields(line); len(fields) > 0 {
				words = append(words, fields[0]) // the description follows
			}
		}
		return words
	}
	for _, c := range []struct {
		line []string
		want string
	}{
		{[]string{"re"}, "relocate restore"},
		{[]string{"ver"}, "verify version"},
		{[]string{"prune", "nights.db", "--keep-d"}, "--keep-daily"},
		{[]string{"save", "app.db", "--index-files", ""}, "auto disk none"},
	} {
		if got := strings.Join(complete(c.line...), " "); got != c.want {
			t.Errorf("%q completes to %q, want %q", c.line, got, c.want)
		}
	}
}
