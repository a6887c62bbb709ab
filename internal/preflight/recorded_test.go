package preflight_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const (
	jsonBody = "application/x-amz-json-1.1"
	xmlBody  = "text/xml"
)

// quotas answers GetServiceQuota by quota code. A negative value: the account has none of its own, and AWS's default is
// that value without its sign.
func quotas(values map[string]float64) map[string]recording {
	answer := func(standard bool) recording {
		return func(body []byte, _ *http.Request) (int, string, string) {
			var in struct{ ServiceCode, QuotaCode string }
			if err := json.Unmarshal(body, &in); err != nil {
				return http.StatusBadRequest, jsonBody, err.Error()
			}
			value, ok := values[in.QuotaCode]
			if !ok {
				value = 1000
			}
			if value < 0 && !standard {
				return http.StatusBadRequest, jsonBody, `{"__type":"NoSuchResourceException","Message":"The request failed because the ` +
					`specified quota is not available in the account"}`
			}
			if value < 0 {
				value = -value
			}
			return http.StatusOK, jsonBody, fmt.Sprintf(`{"Quota":{"ServiceCode":%q,"QuotaCode":%q,"QuotaArn":`+
				`"arn:aws:servicequotas:us-west-2:111122223333:%[1]s/%[2]s","Value":%v,"Unit":"None",`+
				`"Adjustable":true,"GlobalQuota":false}}`,
				in.ServiceCode, in.QuotaCode, value)
		}
	}
	return map[string]recording{"GetServiceQuota": answer(false), "GetAWSDefaultServiceQuota": answer(true)}
}

// orderable answers DescribeOrderableDBInstanceOptions for PostgreSQL 16.14 on one class, sold in the given zones.
func orderable(class string, standby bool, zones ...string) recording { //nolint:unparam // a test reads by itself when it names the class
	return func(body []byte, _ *http.Request) (int, string, string) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return http.StatusBadRequest, xmlBody, err.Error()
		}
		option := ""
		if form.Get("DBInstanceClass") == class && form.Get("EngineVersion") == "16.14" && form.Get("Engine") == "postgres" {
			var list strings.Builder
			for _, z := range zones {
				fmt.Fprintf(&list, "<AvailabilityZone><Name>%s</Name></AvailabilityZone>", z)
			}
			option = fmt.Sprintf("<OrderableDBInstanceOption><Engine>postgres</Engine><EngineVersion>16.14</EngineVersion>"+
				"<DBInstanceClass>%s</DBInstanceClass><LicenseModel>postgresql-license</LicenseModel><AvailabilityZones>%s"+
				"</AvailabilityZones><MultiAZCapable>%t</MultiAZCapable><Vpc>true</Vpc><StorageType>gp3</StorageType>"+
				"</OrderableDBInstanceOption>", class, list.String(), standby)
		}
		return http.StatusOK, xmlBody, `<DescribeOrderableDBInstanceOptionsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">` +
			"<DescribeOrderableDBInstanceOptionsResult><OrderableDBInstanceOptions>" + option + "</OrderableDBInstanceOptions>" +
			"</DescribeOrderableDBInstanceOptionsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>" +
			"</DescribeOrderableDBInstanceOptionsResponse>"
	}
}

// usualKey answers GetEbsDefaultKmsKeyId.
func usualKey(id string) recording {
	return func([]byte, *http.Request) (int, string, string) {
		return http.StatusOK, xmlBody, `<GetEbsDefaultKmsKeyIdResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
			"<requestId>1</requestId><kmsKeyId>" + id + "</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>"
	}
}

// clusterVersions answers DescribeClusterVersions with one version, or none.
func clusterVersions(version, status, standard, extended string) recording {
	return func([]byte, *http.Request) (int, string, string) {
		if version == "" {
			return http.StatusOK, "application/json", `{"clusterVersions":[]}`
		}
		return http.StatusOK, "application/json", fmt.Sprintf(`{"clusterVersions":[{"clusterVersion":%q,"clusterType":"eks",`+
			`"defaultVersion":false,"versionStatus":%q,"endOfStandardSupportDate":%s,"endOfExtendedSupportDate":%s}]}`,
			version, status, standard, extended)
	}
}

// addonVersions answers DescribeAddonVersions: each add-on has one version, which EKS takes by default.
func addonVersions(versions map[string]string) recording {
	return func(_ []byte, r *http.Request) (int, string, string) {
		name := r.URL.Query().Get("addonName")
		if versions[name] == "" {
			return http.StatusNotFound, "application/json", `{"__type":"ResourceNotFoundException","message":"Addon not found"}`
		}
		return http.StatusOK, "application/json", fmt.Sprintf(`{"addons":[{"addonName":%q,"type":"networking","addonVersions":`+
			`[{"addonVersion":%q,"architecture":["amd64","arm64"],"compatibilities":[{"clusterVersion":%q,"platformVersions":["*"],`+
			`"defaultVersion":true}]}]}]}`, name, versions[name], r.URL.Query().Get("kubernetesVersion"))
	}
}

// parameter answers GetParameter for one public parameter: nobody but AWS may put one below /aws.
func parameter(name, value string) recording {
	return func(body []byte, _ *http.Request) (int, string, string) {
		var in struct{ Name string }
		if err := json.Unmarshal(body, &in); err != nil {
			return http.StatusBadRequest, jsonBody, err.Error()
		}
		if in.Name != name {
			return http.StatusBadRequest, jsonBody, `{"__type":"ParameterNotFound","message":""}`
		}
		return http.StatusOK, jsonBody, fmt.Sprintf(`{"Parameter":{"Name":%q,"Type":"String","Value":%q,"Version":1,`+
			`"LastModifiedDate":1759276800.0,"ARN":"arn:aws:ssm:us-west-2::parameter%[1]s","DataType":"text"}}`, name, value)
	}
}
