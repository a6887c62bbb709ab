package preflight

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bpa-on-aws/platform/internal/assume"
)

// denials are the codes by which services refuse a caller.
var denials = []string{
	"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "UnauthorizedException", "Forbidden",
	"NotAuthorized",
}

// prefixes are the IAM prefixes of services whose SDK name is another one.
var prefixes = map[string]string{
	"elastic load balancing v2": "elasticloadbalancing", "service quotas": "servicequotas", "route 53": "route53",
}

// actions are the IAM actions of operations that have another name.
var actions = map[string]string{"s3:HeadBucket": "s3:ListBucket"}

// deniedAction returns the IAM action that the caller lacks, where an error says that it lacks one.
func deniedAction(err error) (string, bool) {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return "", false
	}
	var api smithy.APIError
	denied := errors.As(err, &api) && slices.Contains(denials, api.ErrorCode())
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() == http.StatusForbidden && !errors.As(err, &api) {
		denied = true // a HEAD has no body to hold a code
	}
	if !denied {
		return "", false
	}
	return iamAction(operation.ServiceID, operation.OperationName), true
}

// notAssumed returns the role that the caller may not assume, where an error says so.
func notAssumed(err error) (*assume.RefusedError, bool) {
	var refused *assume.RefusedError
	if !errors.As(err, &refused) {
		return nil, false
	}
	_, denied := deniedAction(refused.Unwrap())
	return refused, denied
}

// iamAction names the IAM action of an operation of a service, both as the SDK names them.
func iamAction(serviceID, operation string) string {
	service := strings.ToLower(serviceID)
	if prefix, ok := prefixes[service]; ok {
		service = prefix
	}
	action := service + ":" + operation
	if other, ok := actions[action]; ok {
		action = other
	}
	return action
}

// wentWrong says in a line what an AWS service answered, where it answered with an error or with nothing that it documents.
func wentWrong(err error) (string, bool) {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return "", false
	}
	var api smithy.APIError
	var undocumented *smithy.DeserializationError
	var response *smithyhttp.ResponseError
	switch what := operation.ServiceID + " " + operation.OperationName; {
	case errors.As(err, &undocumented) && errors.As(err, &response):
		return fmt.Sprintf("%s: an answer that is not of AWS (HTTP status %d)", what, response.HTTPStatusCode()), true
	case errors.As(err, &api):
		return fmt.Sprintf("%s: %s: %s", what, api.ErrorCode(), oneLine(api.ErrorMessage())), true
	}
	return "", false
}

// code returns the service's code of an error, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
