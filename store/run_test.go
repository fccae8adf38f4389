package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const lastStep = 40

// train is a trainer in small: the state of every step depends on all before it.
func train(dir string, o RunOptions, steps int) error {
	r, err := OpenRun(dir, o)
	if err != nil {
		return err
	}
	defer r.Close()
	if r.Status() == RunComplete {
		return nil
	}
	step, from, err := r.LatestCheckpoint()
	if err != nil {
		return err
	}
	state := uint64(1)
	if from != "" {
		raw, err := os.ReadFile(filepath.Join(from, "deep", "state"))
		if err != nil {
			return err
		}
		if _, err := fmt.Sscan(string(raw), &state); err != nil {
			return err
		}
	}
	log, err := r.Metrics(step)
	if err != nil {
		return err
	}
	write := func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "deep"), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "weights"), bytes.Repeat([]byte{byte(state)}, 50_000), 0o644); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "deep", "state"), fmt.Append(nil, state), 0o644)
	}
	if step == 8 { // the kill may have come before SetBest
		if err := r.SetBest(step, 0.5); err != nil {
			return err
		}
	}
	for step < min(steps, lastStep) {
		step++
		state = state*6364136223846793005 + uint64(step)
		if err := log.Append(map[string]any{"step": step, "loss": float64(state>>40) / (1 << 24)}); err != nil {
			return err
		}
		if step%4 != 0 {
			continue
		}
		if err := r.SaveCheckpoint(step, write); err != nil {
			return err
		}
		if step == 8 {
			if err := r.SetBest(step, 0.5); err != nil {
				return err
			}
		}
	}
	if step < lastStep {
		return nil
	}
	if err := r.SaveModel(write); err != nil {
		return err
	}
	return r.Complete(map[string]uint64{"state": state})
}

var someRun = RunOptions{Recipe: []byte("seed: 1\n"), Fingerprint: "a", Kind: "train clm", Command: []string{"hone", "train"}}

// content is every file of a run that must not depend on how it was interrupted.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		if name == runFile {
			var rec RunRecord
			if err := json.Unmarshal(raw, &rec); err != nil {
				return err
			}
			raw = fmt.Appendf(nil, "%s %s %d", rec.Status, rec.Summary, *rec.BestStep)
		}
		out[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantContent(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := content(t, dir)
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is\n%.300s\nwant\n%.300s", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left over", name)
		}
	}
}

// TestRunKilled kills a trainer at random moments until it is done: what it leaves is
// what one that nobody killed leaves.
func TestRunKilled(t *testing.T) {
	if dir := os.Getenv("HONE_TEST_RUN"); dir != "" {
		if err := train(dir, someRun, lastStep); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	whole := filepath.Join(t.TempDir(), "whole")
	start := time.Now()
	if err := train(whole, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	want := content(t, whole)
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for round := range 4 {
		dir := filepath.Join(t.TempDir(), "killed")
		for try := 0; ; try++ {
			cmd := exec.Command(os.Args[0], "-test.run=^TestRunKilled$")
			cmd.Env = append(os.Environ(), "HONE_TEST_RUN="+dir)
			var out bytes.Buffer
			cmd.Stdout = &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			limit := took + time.Second // let it end
			if try < 8 {
				limit = time.Duration(float64(took+10*time.Millisecond) * rng.Float64())
			}
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			select {
			case err := <-done:
				if err != nil {
					t.Fatalf("round %d try %d: %v %s", round, try, err, out.String())
				}
			case <-time.After(limit):
				cmd.Process.Kill()
				if <-done; out.Len() > 0 {
					t.Fatal(out.String())
				}
				kills++
				continue
			}
			break
		}
		wantContent(t, dir, want)
	}
	t.Logf("%d kills came in time", kills)
}

// TestRunDamaged does to an interrupted run what disks and hands do.
func TestRunDamaged(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole")
	if err := train(whole, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	want := content(t, whole)
	write := func(t *testing.T, path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		do   func(t *testing.T, dir string)
		says string
	}{
		{"torn metrics", func(t *testing.T, dir string) {
			f, _ := os.OpenFile(filepath.Join(dir, metricsFile), os.O_APPEND|os.O_WRONLY, 0)
			defer f.Close()
			f.WriteString(`{"step":31,"lo`)
		}, ""},
		{"truncated weights", func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "checkpoints/step-00000028/weights"), 49_999); err != nil {
				t.Fatal(err)
			}
		}, "step-00000028 is damaged and passed over: weights has 49999 bytes of 50000"},
		{"other weights", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "checkpoints/step-00000028/weights"), strings.Repeat("x", 50_000))
		}, "weights has other bytes than were written"},
		{"no manifest", func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, "checkpoints/step-00000028/manifest.json"))
		}, "manifest.json: no such file"},
		{"garbage manifest", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "checkpoints/step-00000028/manifest.json"), "{")
		}, "manifest.json: unexpected end"},
		{"lost file", func(t *testing.T, dir string) {
			os.RemoveAll(filepath.Join(dir, "checkpoints/step-00000028/deep"))
		}, "no such file"},
		{"half written", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "checkpoints/.step-00000032.1.tmp/weights"), "x")
			write(t, filepath.Join(dir, ".model.1.tmp/weights"), "x")
			write(t, filepath.Join(dir, ".run.json.1.tmp"), "x")
		}, ""},
		{"strangers", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "checkpoints/step-x/weights"), "x")
			if err := os.RemoveAll(filepath.Join(dir, "checkpoints/step-x")); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(dir, recipeFile))
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "run")
			if err := train(dir, someRun, 30); err != nil {
				t.Fatal(err)
			}
			c.do(t, dir)
			o := someRun
			var said []string
			o.Log = func(s string) { said = append(said, s) }
			if err := train(dir, o, lastStep); err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(said, "\n"); !strings.Contains(all, c.says) || (c.says == "") != (all == "") {
				t.Errorf("says %q, want %q", all, c.says)
			}
			wantContent(t, dir, want)
		})
	}
	t.Run("all checkpoints", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		if err := train(dir, someRun, 30); err != nil {
			t.Fatal(err)
		}
		for _, step := range []int{8, 24, 28} {
			os.Remove(filepath.Join(dir, checkpointsDir, fmt.Sprintf("step-%08d/weights", step)))
		}
		if err := train(dir, someRun, lastStep); err == nil || !strings.Contains(err.Error(), "no checkpoint is whole") {
			t.Fatal(err)
		}
		o := someRun
		o.Force = true
		if err := train(dir, o, lastStep); err != nil {
			t.Fatal(err)
		}
		wantContent(t, dir, want)
	})
	t.Run("lost metrics", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		if err := train(dir, someRun, 30); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, metricsFile), "{\"step\":1}\n{\"st")
		said := ""
		o := someRun
		o.Log = func(s string) { said += s }
		if err := train(dir, o, 31); err != nil {
			t.Fatal(err)
		}
		raw, _ := os.ReadFile(filepath.Join(dir, metricsFile))
		if !strings.HasPrefix(string(raw), "{\"step\":1}\n{\"loss\":") || !strings.Contains(said, "rows from before step 28 are gone") {
			t.Errorf("%q %q", raw, said)
		}
	})
}

func TestRunLife(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "a", "run")
	o := someRun
	r, err := OpenRun(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRun(dir, o); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := RemoveRun(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("removed while open: %v", err)
	}
	if step, from, err := r.LatestCheckpoint(); step != 0 || from != "" || err != nil {
		t.Error(step, from, err)
	}
	if step, _ := r.BestCheckpoint(); step != 0 {
		t.Error(step)
	}
	log, err := r.Metrics(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Metrics(0); err == nil {
		t.Error("metrics opened twice")
	}
	for _, row := range []any{1, []int{1}, make(chan int), nil} {
		if log.Append(row) == nil {
			t.Errorf("appended %v", row)
		}
	}
	if err := r.SaveCheckpoint(0, nil); err == nil {
		t.Error("a checkpoint of step 0")
	}
	bad := errors.New("bad")
	if err := r.SaveCheckpoint(1, func(string) error { return bad }); !errors.Is(err, bad) {
		t.Error(err)
	}
	if err := r.SaveCheckpoint(1, func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "x")) }); err == nil {
		t.Error("a link in a checkpoint")
	}
	model := func(text string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, "w"), []byte(text), 0o644) }
	}
	for _, text := range []string{"one", "two"} {
		if err := r.SaveModel(model(text)); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(filepath.Join(r.ModelDir(), "w")); err != nil || string(raw) != text {
			t.Errorf("%q %v", raw, err)
		}
	}
	if err := r.SaveModel(func(string) error { return bad }); !errors.Is(err, bad) {
		t.Error(err)
	}
	for step := 1; step <= 9; step++ {
		if err := r.SaveCheckpoint(step, model(fmt.Sprint(step))); err != nil {
			t.Fatal(err)
		}
		if step == 3 {
			if err := r.SetBest(3, 0.1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if steps, err := checkpointSteps(dir); err != nil || !slices.Equal(steps, []int{3, 8, 9}) {
		t.Error(steps, err)
	}
	if step, from := r.BestCheckpoint(); step != 3 || from != filepath.Join(dir, checkpointsDir, "step-00000003") {
		t.Error(step, from)
	}
	// Going back behind checkpoints drops them.
	if err := r.SaveCheckpoint(8, model("again")); err != nil {
		t.Fatal(err)
	}
	if step, from, err := r.LatestCheckpoint(); step != 8 || err != nil {
		t.Error(step, from, err)
	}
	if info, err := InspectRun(dir); err != nil || info.Status != RunRunning || info.Step != 8 {
		t.Errorf("%+v %v", info, err)
	}
	if err := r.Fail(bad); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Close(), log.Close()); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"append": log.Append(map[string]int{}), "checkpoint": r.SaveCheckpoint(10, model("")),
		"model": r.SaveModel(model("")), "complete": r.Complete(nil),
	} {
		if err == nil {
			t.Errorf("%s after Close", what)
		}
	}
	if info, err := InspectRun(dir); err != nil || info.Status != RunFailed || info.Error != "bad" {
		t.Errorf("%+v %v", info, err)
	}

	// Other inputs.
	o.Fingerprint = "b"
	if _, err := OpenRun(dir, o); !errors.Is(err, ErrOtherInputs) || !strings.Contains(err.Error(), "--force") {
		t.Error(err)
	}
	o.Force = true
	if r, err = OpenRun(dir, o); err != nil {
		t.Fatal(err)
	}
	if steps, _ := checkpointSteps(dir); len(steps) != 0 || r.Record().BestStep != nil || r.Record().Starts != 1 {
		t.Error(steps, r.Record())
	}
	if raw, _ := os.ReadFile(filepath.Join(r.ModelDir(), "w")); string(raw) != "two" {
		t.Errorf("the model is %q", raw)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if info, _ := InspectRun(dir); info.Status != RunInterrupted {
		t.Error(info.Status)
	}
	if err := RemoveRun(dir); err != nil {
		t.Fatal(err)
	}
	if got := files(t, filepath.Dir(dir)); len(got) != 0 {
		t.Error(got)
	}
}

// TestRunMetricsCut: what came after the checkpoint is gone as soon as the run goes on.
func TestRunMetricsCut(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if err := train(dir, someRun, 30); err != nil {
		t.Fatal(err)
	}
	rows := func() (n int) {
		for _, err := range MetricsRows(dir) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	for _, step := range []int{28, 24, 0} {
		before := rows()
		r, err := OpenRun(dir, someRun)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Metrics(5); err == nil {
			t.Error("metrics from a checkpoint that is not there")
		}
		if _, err := r.Metrics(step); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if got := rows(); got != step || got >= before {
			t.Errorf("%d rows up to step %d, %d before", got, step, before)
		}
	}
}

// TestRunForeign: a folder of something else is left as it is.
func TestRunForeign(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"notes.txt", recipeFile, "model/w"} {
		dir := t.TempDir()
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), nil, 0o644)
		before := files(t, dir)
		_, err := OpenRun(dir, someRun)
		if !errors.Is(err, ErrOtherInputs) || !strings.Contains(err.Error(), "and no run.json") {
			t.Error(err)
		}
		if got := files(t, dir); !slices.Equal(got, before) {
			t.Errorf("%v became %v", before, got)
		}
		if err := RemoveRun(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, runFile), []byte("{"), 0o644)
	if _, err := OpenRun(dir, someRun); !errors.Is(err, ErrOtherInputs) || !strings.Contains(err.Error(), "run.json is damaged") {
		t.Error(err)
	}
	if _, err := OpenRun(filepath.Join(dir, runFile), someRun); err == nil {
		t.Error("a run in a file")
	}
}

func TestListRuns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if runs, err := ListRuns(filepath.Join(root, "none")); len(runs) != 0 || err != nil {
		t.Error(runs, err)
	}
	if err := train(filepath.Join(root, "z"), someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	if err := train(filepath.Join(root, "half"), someRun, 30); err != nil {
		t.Fatal(err)
	}
	os.Mkdir(filepath.Join(root, "other"), 0o755)
	os.WriteFile(filepath.Join(root, "file"), nil, 0o644)
	broken := filepath.Join(root, "broken")
	os.Mkdir(broken, 0o755)
	os.WriteFile(filepath.Join(broken, runFile), []byte("{"), 0o644)
	r, err := OpenRun(filepath.Join(root, "open"), someRun)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, _ := os.OpenFile(filepath.Join(root, "half", metricsFile), os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString(`{"val_loss":2}` + "\n" + `{"torn`)
	f.Close()

	runs, err := ListRuns(root)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range runs {
		got[r.Name] = fmt.Sprintf("%s %d %t %v", r.Status, r.Step, r.Damage != "", r.Last["val_loss"])
	}
	want := map[string]string{
		"z": "complete 40 false <nil>", "half": "interrupted 30 false 2", "broken": " 0 true <nil>", "open": "running 0 false <nil>",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if _, err := InspectRun(filepath.Join(root, "other")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestRunFullDisk: what was saved stays, the error says what to do, and with room the
// run goes on as if nothing had been.
func TestRunFullDisk(t *testing.T) {
	disk := mountTmpfs(t, "size=2m")
	dir := filepath.Join(disk, "run")
	if err := train(dir, someRun, 30); err != nil {
		t.Fatal(err)
	}
	fill := func() {
		t.Helper()
		f, err := os.Create(filepath.Join(disk, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
	}
	r, err := OpenRun(dir, someRun)
	if err != nil {
		t.Fatal(err)
	}
	fill()
	big := func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "w"), make([]byte, 100_000), 0o644)
	}
	for what, err := range map[string]error{"checkpoint": r.SaveCheckpoint(40, big), "model": r.SaveModel(big), "complete": r.Complete(nil)} {
		if !isFull(err) || !strings.Contains(err.Error(), "make room and run the same command again") {
			t.Errorf("%s: %v", what, err)
		}
	}
	log, err := r.Metrics(28)
	if err != nil {
		t.Fatal(err)
	}
	row := map[string]string{"x": strings.Repeat("x", 1000)}
	for err == nil {
		err = log.Append(row)
	}
	if !isFull(err) || !strings.Contains(err.Error(), "make room") || log.Append(row) != err || r.SaveCheckpoint(40, big) != err {
		t.Error(err)
	}
	if err := r.Close(); err == nil {
		t.Error("no error from Close")
	}
	if _, err := OpenRun(dir, someRun); !isFull(err) {
		t.Errorf("opened on a full disk: %v", err)
	}
	if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
		t.Fatal(err)
	}
	if err := train(dir, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "whole")
	if err := train(whole, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	wantContent(t, dir, content(t, whole))
}

// TestReplaceDir: without an exchange of names a kill can come between two renames.
func TestReplaceDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if err := train(dir, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	want := content(t, dir)
	if err := os.Rename(filepath.Join(dir, modelDir), filepath.Join(dir, modelDir+".old")); err != nil {
		t.Fatal(err)
	}
	if err := train(dir, someRun, lastStep); err != nil {
		t.Fatal(err)
	}
	wantContent(t, dir, want)
}
