package catalog

// The types of acm.
const (
	ACMCertificate = "aws:acm/certificate:Certificate"
)

var acmTypes = []Type{
	{
		Token: ACMCertificate,
		Identity: Identity{
			StateID: form("{arn}"),
			ARN:     "arn:{partition}:acm:{region}:{account}:certificate/{id}",
		},
		Credential: Credential{Certificate: certificate},
		Price:      Price{Free: "an imported certificate costs nothing"},
		Permissions: Permissions{
			Create: []Grant{onCertificate.when(Made, "acm:AddTagsToCertificate", "acm:ImportCertificate")},
			Read:   []Grant{onCertificate.when(Own, "acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate")},
			Update: []Grant{
				onCertificate.when(Own, "acm:AddTagsToCertificate", "acm:ImportCertificate", "acm:RemoveTagsFromCertificate"),
			},
			Delete: []Grant{onCertificate.when(Own, "acm:DeleteCertificate")},
		},
		Simulation: Simulation{
			ID:      "arn:{partition}:acm:{region}:{account}:certificate/{uuid}",
			Outputs: map[string]any{"arn": "{id}", "status": "ISSUED", "notAfter": "2027-01-01T00:00:00Z"},
			InUse:   Answer{"ResourceInUseException", "Certificate {id} in account {account} is in use by {blocker.id}"},
		},
		Failures: []Failure{{Class: Atomic, Source: awsCode + "acm/certificate.go resourceCertificateCreate"}},
		None: none(quiet, closed, instant, None{
			Loss: "its listeners hold on to the old one until they have the new one", Rights: noRight, Runs: noVersion,
		}),
	},
}
