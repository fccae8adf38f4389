package corpus

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// debianInfo is where Debian keeps lists of the files of each installed package.
const debianInfo = "/var/lib/dpkg/info"

// debianPackages maps the files below root to the Debian packages that installed
// them, by the lists in the folder info.
func debianPackages(info, root string) (map[string]string, error) {
	lists, err := filepath.Glob(filepath.Join(info, "*.list"))
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("no lists of Debian packages in %s (use project: top)", info)
	}
	root, err = filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, list := range lists {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(list), ".list"), ":") // less the architecture
		f, err := os.Open(list)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if path := lines.Text(); strings.HasPrefix(path, root+"/") {
				out[path] = name
			}
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
	}
	return out, nil
}
