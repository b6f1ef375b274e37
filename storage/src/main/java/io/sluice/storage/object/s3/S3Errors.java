package io.sluice.storage.object.s3;

import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import java.security.cert.CertificateException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What an answer of the server, or none, means for the caller. The error code decides where there is one; the HTTP
 * status where there is none (HEAD has no body) or nobody knows the code.
 */
final class S3Errors {
    private static final Set<String> THROTTLED_CODES = Set.of(
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequests",
            "BandwidthLimitExceeded");
    private static final Set<String> UNAVAILABLE_CODES = Set.of(
            "InternalError",
            "ServiceUnavailable",
            "RequestTimeout",
            "OperationAborted",
            "ConditionalRequestConflict",
            "IncompleteBody",
            "BadDigest");
    private static final Set<String> DENIED_CODES = Set.of(
            "AccessDenied",
            "AccountProblem",
            "AuthorizationHeaderMalformed",
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidToken",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired");
    private static final Set<String> INVALID_CODES = Set.of("NotImplemented", "InvalidRange", "MethodNotAllowed");

    private static final int CAUSES_MAX = 20;

    private S3Errors() {}

    /** {@code what} says operation, key and store. */
    static ObjectStoreException translate(ObjectOperation operation, String what, Throwable failure) {
        Throwable reason = unwrap(failure);
        ObjectStoreException known = known(reason);
        if (known != null) {
            return known;
        }
        if (reason instanceof AwsServiceException answer) {
            return answered(operation, what, answer);
        }
        if (hasCause(reason, CertificateException.class)) {
            return new ObjectStoreException(
                    Kind.DENIED,
                    what + ": the server's certificate is not trusted; give its authority's in ca-file",
                    reason);
        }
        if (hasCause(reason, SSLException.class)) {
            return new ObjectStoreException(Kind.UNAVAILABLE, what + ": no TLS connection: " + text(reason), reason);
        }
        if (reason instanceof SdkException && text(reason).contains("credentials")) {
            return new ObjectStoreException(
                    Kind.DENIED,
                    what + ": no credentials found; set them, or give the server a role or a profile: " + text(reason),
                    reason);
        }
        return new ObjectStoreException(Kind.UNAVAILABLE, what + ": " + text(reason), reason);
    }

    /** The kind of an error of which only code and status are known; status 0 when there is none. */
    static Kind kind(ObjectOperation operation, String code, int status) {
        if (THROTTLED_CODES.contains(code)) {
            return Kind.THROTTLED;
        }
        if (UNAVAILABLE_CODES.contains(code)) {
            return Kind.UNAVAILABLE;
        }
        if (DENIED_CODES.contains(code)) {
            return Kind.DENIED;
        }
        if (INVALID_CODES.contains(code)) {
            return Kind.INVALID;
        }
        return switch (code) {
            // No answer about an object: whoever takes it for one calls all data lost when a name is mistyped.
            case "NoSuchBucket" -> Kind.DENIED;
            case "NoSuchKey" -> absence(operation);
            case "PreconditionFailed" -> Kind.PRECONDITION_FAILED;
            default -> kindOfStatus(operation, status);
        };
    }

    private static Kind kindOfStatus(ObjectOperation operation, int status) {
        return switch (status) {
            case 401, 403 -> Kind.DENIED;
            case 404 -> absence(operation);
            case 408, 409 -> Kind.UNAVAILABLE;
            case 412 -> Kind.PRECONDITION_FAILED;
            case 429, 503 -> Kind.THROTTLED;
            case 501 -> Kind.INVALID;
            case 507 -> Kind.FULL;
            default -> status >= 500 || status < 300 ? Kind.UNAVAILABLE : Kind.INVALID;
        };
    }

    /** Put-if-match of an object that is not there finds its condition false. */
    private static Kind absence(ObjectOperation operation) {
        return operation == ObjectOperation.PUT_IF_MATCH ? Kind.PRECONDITION_FAILED : Kind.NOT_FOUND;
    }

    private static ObjectStoreException answered(ObjectOperation operation, String what, AwsServiceException answer) {
        int status = answer.statusCode();
        String code = code(answer);
        Kind kind = kind(operation, code, status);
        String said = "HTTP " + status + (code.isEmpty() ? "" : " " + code) + hint(kind, code, status);
        return new ObjectStoreException(kind, what + ": " + said, answer);
    }

    private static String hint(Kind kind, String code, int status) {
        if (code.equals("NoSuchBucket")) {
            return ": the bucket is missing; create it, or mend the bucket's name or the endpoint";
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return ": the clocks of this machine and the server differ too much";
        }
        if (code.equals("AuthorizationHeaderMalformed") || status == 301) {
            return ": mend the region";
        }
        if (status == 501 || status == 405) {
            return ": the server does not support this request";
        }
        return switch (kind) {
            case DENIED -> ": check the credentials and what they may do with the bucket";
            case NOT_FOUND -> ": no such object";
            case PRECONDITION_FAILED, THROTTLED, UNAVAILABLE, INVALID, FULL -> "";
        };
    }

    private static String code(AwsServiceException answer) {
        if (answer.awsErrorDetails() == null || answer.awsErrorDetails().errorCode() == null) {
            return "";
        }
        return answer.awsErrorDetails().errorCode();
    }

    /** Our own failure, which the SDK wraps when it comes out of a response's body. */
    private static @Nullable ObjectStoreException known(Throwable failure) {
        return (ObjectStoreException) cause(failure, ObjectStoreException.class);
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        return cause(failure, type) != null;
    }

    private static @Nullable Throwable cause(Throwable failure, Class<? extends Throwable> type) {
        Throwable current = failure;
        for (int depth = 0; current != null && depth < CAUSES_MAX; depth++) {
            if (type.isInstance(current)) {
                return current;
            }
            current = current.getCause();
        }
        return null;
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable current = failure;
        while (current instanceof CompletionException && current.getCause() != null) {
            current = current.getCause();
        }
        return current;
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
