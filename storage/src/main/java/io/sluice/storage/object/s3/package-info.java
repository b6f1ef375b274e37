/** An object store behind the S3 protocol; the only package that imports the AWS SDK. */
@NullMarked
package io.sluice.storage.object.s3;

import org.jspecify.annotations.NullMarked;
