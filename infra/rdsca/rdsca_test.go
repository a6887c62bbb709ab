package rdsca

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARegionHasItsThreeRoots(t *testing.T) {
	for _, region := range []string{"us-west-2", "us-east-1", "eu-central-1", "ap-northeast-1", "ap-northeast-3"} {
		list := of(region)
		var names []string
		for _, root := range list {
			names = append(names, root.Subject.CommonName)
			assert.True(t, root.IsCA, root.Subject.CommonName)
			require.NoError(t, root.CheckSignatureFrom(root), "it signs itself")
			assert.True(t, root.NotAfter.After(time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)), root.Subject.CommonName)
		}
		assert.Equal(t, []string{
			"Amazon RDS " + region + " Root CA ECC384 G1", "Amazon RDS " + region + " Root CA RSA2048 G1",
			"Amazon RDS " + region + " Root CA RSA4096 G1",
		}, names)
		assert.True(t, x509.NewCertPool().AppendCertsFromPEM([]byte(Bundle(region))), region)
	}
	assert.Equal(t, 81, bytes.Count(roots, []byte("BEGIN CERTIFICATE")), "27 regions")
}

func TestARegionWithoutRootsHasNoBundle(t *testing.T) {
	for _, region := range []string{"", "us-gov-west-1", "cn-north-1", "mx-central-1", "us-west"} {
		assert.Empty(t, Bundle(region), region)
	}
}
