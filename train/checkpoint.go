package train

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"hone/model"
	"hone/model/safetensors"
	"hone/store"
)

// Files of a checkpoint besides those of the model and the tokenizer.
const (
	optimizerFile = "optimizer.safetensors"  // moments, as exp_avg.NAME and exp_avg_sq.NAME
	stateFile     = "state.json"             // State
	valueHeadFile = "value_head.safetensors" // of ppo
)

// State is how far a run is: with the weights, the moments and the recipe all that
// is needed to go on. Which data comes next and what is dropped follow from the
// counters and the seed.
type State struct {
	Step    int   `json:"step"`    // steps made or skipped
	Batches int64 `json:"batches"` // read so far: the next one's number
	Tokens  int64 `json:"tokens"`  // trained on so far
	Skipped int   `json:"skipped"` // steps that were not made because of a NaN

	Best     *float64 `json:"best_eval_loss,omitempty"`
	BestStep int      `json:"best_step,omitempty"`
	Worse    int      `json:"evaluations_since_best"`
	Stopped  bool     `json:"stopped_early"` // for lack of patience, or by a guard

	// Of kinds with held-out problems: pass@1 on them before training, and the best.
	PassBefore *float64 `json:"pass_at_1_before,omitempty"`
	BestPass   *float64 `json:"best_pass_at_1,omitempty"`
	StoppedBy  string   `json:"stopped_by,omitempty"` // what the guard said
}

// saveMoments writes the optimizer's state.
func (s *Stepper) saveMoments(path string) error {
	var out []safetensors.Tensor
	for i, p := range s.params {
		out = append(out,
			safetensors.OfFloat32("exp_avg."+p.Name, p.Shape, s.M[i].F32),
			safetensors.OfFloat32("exp_avg_sq."+p.Name, p.Shape, s.V[i].F32))
	}
	return safetensors.Write(path, out, nil)
}

// loadMoments reads what saveMoments wrote.
func (s *Stepper) loadMoments(path string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for i, p := range s.params {
		if err := f.ReadFloat32("exp_avg."+p.Name, s.M[i].F32); err != nil {
			return err
		}
		if err := f.ReadFloat32("exp_avg_sq."+p.Name, s.V[i].F32); err != nil {
			return err
		}
	}
	return nil
}

// writeParams writes parameters that the model's own files do not have.
func writeParams(path string, params []*model.Param) error {
	var out []safetensors.Tensor
	for _, p := range params {
		out = append(out, safetensors.OfFloat32(p.Name, p.Shape, p.F32))
	}
	return safetensors.Write(path, out, nil)
}

// readParams reads what writeParams wrote.
func readParams(path string, params []*model.Param) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range params {
		if err := f.ReadFloat32(p.Name, p.F32); err != nil {
			return err
		}
	}
	return nil
}

func saveState(dir string, s State) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(dir, stateFile), append(raw, '\n'), 0o644)
}

func loadState(dir string) (s State, err error) {
	path := filepath.Join(dir, stateFile)
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
