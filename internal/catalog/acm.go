package catalog

// The types of acm.
const (
	ACMCertificate = "aws:acm/certificate:Certificate"
)

var acmTypes = []Type{
	{
		Token:      ACMCertificate,
		Credential: Credential{Certificate: certificate},
		Price:      Price{Free: "an imported certificate costs nothing"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"acm:AddTagsToCertificate", "acm:ImportCertificate"}, On: OnCertificate, If: Made},
			},
			Read: []Grant{
				{Actions: []string{"acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"}, On: OnCertificate, If: Own},
			},
			Update: []Grant{
				{Actions: []string{"acm:AddTagsToCertificate", "acm:ImportCertificate", "acm:RemoveTagsFromCertificate"}, On: OnCertificate, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"acm:DeleteCertificate"}, On: OnCertificate, If: Own},
			},
		},
		Simulation: Simulation{
			ID:      "arn:{partition}:acm:{region}:{account}:certificate/{uuid}",
			Outputs: map[string]any{"arn": "{id}", "status": "ISSUED", "notAfter": "2027-01-01T00:00:00Z"},
			InUse:   Answer{"ResourceInUseException", "Certificate {id} in account {account} is in use by {blocker.id}"},
		},
		Failures: []Failure{{Atomic, awsCode + "acm/certificate.go resourceCertificateCreate"}},
		None: none(quiet, closed, instant, None{
			Loss: "its listeners hold on to the old one until they have the new one", Rights: noRight, Runs: noVersion,
		}),
	},
}
