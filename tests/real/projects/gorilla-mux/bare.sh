export GOPATH=/go GOCACHE=/go/cache GOFLAGS=-mod=mod
go get -t -v ./...
go install github.com/jstemmer/go-junit-report/v2@v2.1.0
for run in test latest; do
    if [ $run = latest ]; then
        gofmt -d -e . | tee /tmp/format
        [ ! -s /tmp/format ]
        go vet -v ./...
    fi
    go test -v -race -count=1 ./... | tee /tmp/output
    /go/bin/go-junit-report -set-exit-code < /tmp/output > /results/$run.xml
done
