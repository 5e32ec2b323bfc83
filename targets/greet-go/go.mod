module dyno.example/greet-go

go 1.25
