package rehearsal_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func TestAStandInIsTheSameEachTimeAndGoodForItsHost(t *testing.T) {
	certificate, key, err := rehearsal.StandIn("bpa.example.com")
	require.NoError(t, err)
	again, sameKey, err := rehearsal.StandIn("bpa.example.com")
	require.NoError(t, err)
	assert.Equal(t, certificate, again)
	assert.Equal(t, key, sameKey)
	other, otherKey, err := rehearsal.StandIn("bpa.example.org")
	require.NoError(t, err)
	assert.NotEqual(t, certificate, other)
	assert.NotEqual(t, key, otherKey)

	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	require.NoError(t, err)
	require.NoError(t, leaf.VerifyHostname("bpa.example.com"))
	require.NoError(t, leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature), "self-signed")
}
