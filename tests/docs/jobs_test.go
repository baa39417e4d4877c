package docs_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A machine has what docs/RECIPES.md shows of cron and systemd, with the folder of a
// test in the place of /srv/app.
type machine struct{ nights }

const old = "backup-1999-01-01.tar.zst"

func newMachine(t *testing.T) machine {
	t.Helper()
	m := machine{newNights(t)}
	m.shown("RECIPES.md", "night.sh", "drill.sh", "age.sh", "metrics.sh", "crontab", "vxsnap-backup.service")
	m.sh("sed -i \"s|/srv/app|$PWD|; s|/usr/local/bin:|$PWD:|\" crontab vxsnap-backup.service")
	m.sh("sqlite3 app.db \"UPDATE t SET a = 'kept' WHERE a = 'first'\"")
	m.sh("cp " + yesterday + " " + old + "; touch -d '40 days ago' " + old)
	return m
}

// cron runs the line of the crontab that has a word, as cron does, and gives what it mails.
func (m machine) cron(word string) string {
	m.Helper()
	var environment []string
	for line := range strings.Lines(m.sh("cat crontab")) {
		if strings.HasPrefix(line, "PATH=") {
			environment = []string{strings.TrimSpace(line)}
		}
		if !strings.Contains(line, word) {
			continue
		}
		fields := strings.SplitN(strings.TrimSpace(line), " ", 6)
		if strings.Contains(fields[5], "%") {
			m.Errorf("cron ends %q at %%", fields[5])
		}
		return m.alone(exec.Command("/bin/sh", "-c", fields[5]), environment...)
	}
	m.Fatalf("no line of the crontab has %s", word)
	return ""
}

// alone runs a command in a folder and an environment as cron gives them.
func (m machine) alone(cmd *exec.Cmd, environment ...string) string {
	m.Helper()
	cmd.Dir = m.TempDir()
	cmd.Env = append([]string{"HOME=" + cmd.Dir, "PATH=/usr/bin:/bin", "SHELL=/bin/sh"}, environment...)
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		m.Errorf("%s: %v, and nothing was said", cmd, err)
	}
	return string(out)
}

// service runs the commands of the unit, until one fails.
func (m machine) service() string {
	m.Helper()
	for line := range strings.Lines(m.sh("cat vxsnap-backup.service")) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="); ok {
			words := strings.Fields(command)
			if words[0] == "/bin/sh" {
				words[1] = m.dir + "/" + words[1]
			}
			cmd := exec.Command(words[0], words[1:]...)
			cmd.Dir, cmd.Env = m.dir, append(os.Environ(), "PATH="+m.dir+":/usr/bin:/bin")
			if out, err := cmd.CombinedOutput(); err != nil {
				return string(out)
			}
		}
	}
	return ""
}

// Both take a backup, and then drop old ones; where none is good they say so and drop nothing.
func TestJobs(t *testing.T) {
	for name, night := range map[string]func(machine) string{
		"cron":    func(m machine) string { return m.cron("night.sh") },
		"systemd": machine.service,
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.sh("mv app.db away")
			if said := night(m); !strings.Contains(said, "app.db is missing or empty") {
				t.Errorf("without a database: %q", said)
			}
			if got := m.sh("ls backup-*.zst"); got != old+"\n"+yesterday+"\n" {
				t.Errorf("a night that failed left %s", got)
			}
			m.sh("mv away app.db")
			if said := night(m); said != "" {
				t.Errorf("said %q", said)
			}
			if got := strings.Fields(m.sh("ls backup-*.zst")); len(got) != 2 || got[0] != yesterday {
				t.Errorf("a good night left %s", got)
			}
		})
	}
}

// The drill and the look at the age are silent until something is wrong.
func TestJobsThatLook(t *testing.T) {
	m := newMachine(t)
	m.good()
	if said := m.cron("drill.sh") + m.cron("--max-age"); said != "" {
		t.Errorf("said %q", said)
	}
	m.sh(`sh metrics.sh; age=$(($(date +%s) - $(sed -n 's/^vxsnap_newest_good_backup_seconds //p' backup.prom)))
		[ "$age" -ge 0 ] && [ "$age" -lt 600 ]; [ ! -e backup.prom.new ]`)
	m.sh("for f in backup-*.zst; do printf xxxxxxxx | dd of=$f bs=1 seek=150000 conv=notrunc status=none; done")
	if said := m.cron("--max-age"); !strings.Contains(said, "damaged") {
		t.Errorf("the look at what is damaged said %q", said)
	}
	m.sh("truncate -s 100 backup-*.zst")
	if said := m.cron("drill.sh"); !strings.Contains(said, "incomplete") {
		t.Errorf("a drill of what was cut said %q", said)
	}
	if said := m.cron("--max-age"); !strings.Contains(said, "incomplete") {
		t.Errorf("the look at what was cut said %q", said)
	}
	m.sh("rm backup-*.zst")
	if said := m.cron("--max-age"); !strings.Contains(said, "too old") {
		t.Errorf("the look at nothing said %q", said)
	}
	m.fails("sh metrics.sh", "no backup is good")
	m.sh("[ ! -e backup.prom ]")
}
