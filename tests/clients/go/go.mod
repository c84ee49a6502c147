module skep/tests/clients/go

go 1.20

require (
	github.com/go-chassis/cari v0.7.1-0.20220815112157-2c62cc5ae1a3
	github.com/go-chassis/kie-client v0.2.0
	github.com/go-chassis/sc-client v0.7.0
)

require (
	github.com/cenkalti/backoff/v4 v4.1.1 // indirect
	github.com/deckarep/golang-set v1.7.1 // indirect
	github.com/go-chassis/foundation v0.4.0 // indirect
	github.com/go-chassis/openlog v1.1.3 // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/gorilla/websocket v1.4.3-0.20210424162022-e8629af678b7 // indirect
	github.com/karlseguin/ccache/v2 v2.0.8 // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	github.com/stretchr/testify v1.7.1 // indirect
)
