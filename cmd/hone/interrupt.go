package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"hone/internal/progress"
)

// exitInterrupted is the exit status after Ctrl-C, as shells have it.
const exitInterrupted = 130

// interrupts is what Ctrl-C (or SIGTERM) does. While a command works through
// something that it can save, the first asks it to finish and the second ends it;
// at any other time the first ends it.
type interrupts struct {
	mu   sync.Mutex
	stop chan struct{} // closed to ask; nil while there is nothing to finish
}

// interruptible returns a context that ends when the program should, at once.
func interruptible() (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(context.Background())
	in := &interrupts{}
	sigs := make(chan os.Signal, 2)
	signal.Notify(sigs, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range sigs {
			if in.ask() {
				continue
			}
			cancel()
			// What does not listen to the context (a read of standard input) is left behind.
			time.AfterFunc(time.Second, func() {
				fmt.Fprintln(os.Stderr, message("interrupted"))
				os.Exit(exitInterrupted)
			})
		}
	}()
	return ctx, in
}

// ask reports whether a command was asked to finish, for the first time.
func (in *interrupts) ask() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.stop == nil {
		return false
	}
	close(in.stop)
	in.stop = nil
	return true
}

// finishing returns a channel that the next Ctrl-C closes, before it tells the user
// what happens now: doing, such as "finishing this step and saving". done ends that;
// where Ctrl-C came, the user has been told when it returns.
func (in *interrupts) finishing(bar *progress.Bar, doing string) (stop <-chan struct{}, done func()) {
	asked, told := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	in.mu.Lock()
	in.stop = asked
	in.mu.Unlock()
	go func() {
		defer close(told)
		select {
		case <-asked:
			bar.Println(message(doing + "; Ctrl-C again stops at once"))
		case <-ended:
		}
	}()
	return asked, func() {
		in.mu.Lock()
		if in.stop != nil { // nobody asked
			in.stop = nil
			close(ended)
		}
		in.mu.Unlock()
		<-told
	}
}
