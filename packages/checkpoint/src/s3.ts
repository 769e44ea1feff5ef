export { type S3BackendOptions, s3Backend } from './s3/s3-backend';
