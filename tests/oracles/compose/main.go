package main

// usage: oracle compose DIR FILE...   |  oracle dotenv FILE  | oracle template (stdin JSON {"text":..., "env":{}} per line)
import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/sirupsen/logrus"
)

type result struct {
	Error string `json:"error,omitempty"`
	Value any    `json:"value"`
}

func emit(v any, err error) {
	r := result{Value: v}
	if err != nil {
		r.Error = err.Error()
	}
	b, e := json.Marshal(r)
	if e != nil {
		b, _ = json.Marshal(result{Error: "marshal: " + e.Error()})
	}
	fmt.Println(string(b))
}

type item struct {
	Text string            `json:"text"`
	Env  map[string]string `json:"env"`
	Dir  string            `json:"dir"`
	Files []string         `json:"files"`
}

func compose(dir string, files []string) (any, error) {
	opts, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(dir), cli.WithOsEnv, cli.WithEnvFiles(), cli.WithDotEnv,
		cli.WithDefaultConfigPath, cli.WithName("p"), cli.WithDefaultProfiles("*"), cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	p, err := opts.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	return p, nil
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	os.Clearenv()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	for in.Scan() {
		var it item
		if err := json.Unmarshal(in.Bytes(), &it); err != nil {
			emit(nil, err)
			continue
		}
		lookup := func(k string) (string, bool) { v, ok := it.Env[k]; return v, ok }
		switch os.Args[1] {
		case "dotenv":
			v, err := dotenv.UnmarshalWithLookup(it.Text, lookup)
			emit(v, err)
		case "template":
			v, err := template.Substitute(it.Text, lookup)
			emit(v, err)
		case "compose":
			os.Clearenv()
			for k, v := range it.Env {
				os.Setenv(k, v)
			}
			v, err := compose(it.Dir, it.Files)
			emit(v, err)
		}
	}
}
