//go:build unix

package netsip_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// stubRegistrarVariable in the environment makes TestStubRegistrar one, at that address.
const stubRegistrarVariable = "CALLA_STUB_REGISTRAR"

// TestStubRegistrar is no test but the other end of the benchmarks: a process of its own, so that what it costs is
// not counted, that accepts every REGISTER.
func TestStubRegistrar(t *testing.T) {
	if os.Getenv(stubRegistrarVariable) == "" {
		t.Skip("only as the other end of a benchmark")
	}
	listener, err := net.Listen("tcp", os.Getenv(stubRegistrarVariable))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	go func() { // ends with its parent
		_, _ = os.Stdin.Read(make([]byte, 1))
		_ = listener.Close()
	}()
	_ = http.Serve(listener, http.HandlerFunc(stubRegistrar))
}

func stubRegistrar(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"sip"}}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.Close() }()
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		m, err := sip.Parse(data)
		if err != nil || m.Method != "REGISTER" {
			continue
		}
		ok := sip.NewResponse(m, 200, "")
		ok.Set("To", m.Get("To")+";tag=x")
		ok.Add("Contact", m.Get("Contact"))
		if ws.WriteMessage(websocket.TextMessage, ok.Bytes()) != nil {
			return
		}
	}
}

// stub is a registrar in another process.
type stub struct {
	address string
	kill    func()
}

func startStubRegistrar(b *testing.B, address string) stub {
	cmd := exec.Command(os.Args[0], "-test.run=^TestStubRegistrar$")
	cmd.Env = append(os.Environ(), stubRegistrarVariable+"="+address)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	b.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		b.Fatalf("stub registrar said %q: %v", line, err)
	}
	return stub{address, kill}
}

// memory is what the program uses of the system's: heap and stacks.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRegisteredAccounts tells what accounts cost that are registered on one loop: memory for each, and the
// share of a core that their refreshes (a REGISTER every 434 s on average for 600 s) and their keep-alive take.
func BenchmarkRegisteredAccounts(b *testing.B) {
	for _, size := range []int{1000, 3000, 10000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			registrar := startStubRegistrar(b, "127.0.0.1:0")
			for b.Loop() {
				registeredAccounts(b, registrar.address, size)
			}
		})
	}
}

func registeredAccounts(b *testing.B, address string, size int) {
	loop := loop.New()
	defer loop.Stop()
	before := memory()
	var agents []*netsip.UserAgent
	for i := range size {
		ua, err := netsip.New(netsip.Options{
			Loop: loop,
			Config: config.Config{
				URI:       fmt.Sprintf("sip:u%d@example.com", i),
				WSServers: []config.Server{{WSURI: "ws://" + address + "/ws"}},
				Password:  "secret", DisplayName: "A user",
			},
			OnState: func(netsip.State) {},
		})
		if err != nil {
			b.Fatal(err)
		}
		agents = append(agents, ua)
		loop.Do(ua.Start)
		if i%100 == 99 {
			awaitRegistered(b, loop, agents[i-99:])
		}
	}
	used := float64(memory()-before) / float64(size)
	start := cpuTime()
	for _, ua := range agents {
		loop.Do(ua.Register)
	}
	time.Sleep(time.Second + time.Duration(size)*200*time.Microsecond)
	refresh := (cpuTime() - start).Seconds() / float64(size)
	start = cpuTime()
	for _, ua := range agents {
		loop.Do(ua.RetryNow) // a Ping each
	}
	time.Sleep(time.Second)
	ping := (cpuTime() - start).Seconds() / float64(size)
	b.ReportMetric(used/1000, "kB/account")
	b.ReportMetric(refresh*1e6, "µs/refresh")
	b.ReportMetric(100*float64(size)*(refresh/434+ping/25), "%core")
	for _, ua := range agents {
		loop.Do(func() { ua.Stop(nil) })
	}
}

func awaitRegistered(b *testing.B, loop *loop.Loop, agents []*netsip.UserAgent) {
	for range 6000 {
		done := true
		loop.Do(func() {
			for _, ua := range agents {
				s := ua.State()
				done = done && s.Registration == netsip.Registered
			}
		})
		if done {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatal("not registered in a minute")
}
