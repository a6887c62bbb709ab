package catalog

// The types of tls.
const (
	TLSCertRequest       = "tls:index/certRequest:CertRequest"
	TLSLocallySignedCert = "tls:index/locallySignedCert:LocallySignedCert"
	TLSPrivateKey        = "tls:index/privateKey:PrivateKey"
	TLSSelfSignedCert    = "tls:index/selfSignedCert:SelfSignedCert"
)

var (
	tlsTypes  = []Type{anew(TLSCertRequest), anew(TLSLocallySignedCert), anew(TLSPrivateKey), anew(TLSSelfSignedCert)}
	generated = Credential{Generated: "a new key or certificate is generated"}
)

// anew describes a type whose replacement makes another key or certificate.
func anew(token string) Type { return Type{Token: token, Credential: generated} }
