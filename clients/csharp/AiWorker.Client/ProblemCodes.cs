namespace AiWorker.Client
{
    /// <summary>
    /// The codes of problems. A code never changes its meaning; later versions of the worker may add codes.
    /// </summary>
    public static class ProblemCodes
    {
        /// <summary>The request cannot be parsed, or does not have the form that this call expects.</summary>
        public const string MalformedRequest = "malformed_request";

        /// <summary>A value is outside the allowed range.</summary>
        public const string InvalidValue = "invalid_value";

        /// <summary><c>image_url</c> is not an http or https URL.</summary>
        public const string InvalidImageUrl = "invalid_image_url";

        /// <summary><c>X-Plugin-Signature</c> is not a base64-encoded signature file.</summary>
        public const string InvalidSignatureHeader = "invalid_signature_header";

        /// <summary>A trusted proxy sent no readable client address in its forwarded header.</summary>
        public const string InvalidForwardedHeader = "invalid_forwarded_header";

        /// <summary>The request does not have exactly one valid <c>Host</c> header.</summary>
        public const string InvalidHostHeader = "invalid_host_header";

        /// <summary><c>Idempotency-Key</c> is not 1 to 255 visible ASCII characters.</summary>
        public const string InvalidIdempotencyKey = "invalid_idempotency_key";

        /// <summary>The batch contains no photo.</summary>
        public const string EmptyBatch = "empty_batch";

        /// <summary>There is nothing to merge.</summary>
        public const string EmptyMerge = "empty_merge";

        /// <summary>The request merges a cluster into itself.</summary>
        public const string SourceIsTarget = "source_is_target";

        /// <summary>The split lists no face.</summary>
        public const string EmptySplit = "empty_split";

        /// <summary>Both ids are the same face.</summary>
        public const string SameFace = "same_face";

        /// <summary><c>X-API-Key</c> is missing or wrong.</summary>
        public const string WrongApiKey = "wrong_api_key";

        /// <summary><c>X-Admin-Key</c> is missing or wrong.</summary>
        public const string WrongAdminKey = "wrong_admin_key";

        /// <summary>The client's address is not in <c>ALLOWED_IPS</c>.</summary>
        public const string AddressNotAllowed = "address_not_allowed";

        /// <summary>The server needs no key and therefore accepts only its own host names in <c>Host</c>.</summary>
        public const string HostNotAllowed = "host_not_allowed";

        /// <summary>
        /// The browser page comes from an origin that is not in <c>CORS_ORIGINS</c> and may not change anything.
        /// </summary>
        public const string OriginNotAllowed = "origin_not_allowed";

        /// <summary>The server has no admin key, so this call is disabled.</summary>
        public const string NoAdminKey = "no_admin_key";

        /// <summary>The key's role does not permit this call.</summary>
        public const string RoleNotAllowed = "role_not_allowed";

        /// <summary>This cluster does not exist and never existed.</summary>
        public const string UnknownCluster = "unknown_cluster";

        /// <summary>This face does not exist.</summary>
        public const string UnknownFace = "unknown_face";

        /// <summary>Nothing is stored under this <c>file_id</c>.</summary>
        public const string UnknownFile = "unknown_file";

        /// <summary>This plugin slot does not exist.</summary>
        public const string UnknownSlot = "unknown_slot";

        /// <summary>No candidate plugin runs in shadow mode for this slot.</summary>
        public const string NoShadow = "no_shadow";

        /// <summary>No replay was started for this slot since the worker started.</summary>
        public const string NoReplay = "no_replay";

        /// <summary>This path does not exist.</summary>
        public const string NoSuchRoute = "no_such_route";

        /// <summary>This path does not support this HTTP method.</summary>
        public const string MethodNotAllowed = "method_not_allowed";

        /// <summary>The photo's URL was not stored (<c>STORE_URLS</c>), so the photo cannot be fetched again.</summary>
        public const string NoStoredUrl = "no_stored_url";

        /// <summary>There is no previous plugin to return to.</summary>
        public const string NothingToRollBack = "nothing_to_roll_back";

        /// <summary>None of the cluster's earlier faces is left to be returned to it.</summary>
        public const string NothingToRestore = "nothing_to_restore";

        /// <summary>The split lists every face of the cluster.</summary>
        public const string NothingStays = "nothing_stays";

        /// <summary>The face is in another cluster.</summary>
        public const string FaceNotInCluster = "face_not_in_cluster";

        /// <summary>Both ids are now the same cluster.</summary>
        public const string SameCluster = "same_cluster";

        /// <summary>The photo in the request did not arrive within <c>DOWNLOAD_TIMEOUT_MS</c>.</summary>
        public const string UploadTimedOut = "upload_timed_out";

        /// <summary>This person's history does not contain this correction.</summary>
        public const string UnknownEntry = "unknown_entry";

        /// <summary>The correction cannot be undone now; the detail says why.</summary>
        public const string NotUndoable = "not_undoable";

        /// <summary>Another request with this <c>Idempotency-Key</c> is still running.</summary>
        public const string IdempotencyKeyInUse = "idempotency_key_in_use";

        /// <summary>A backup or a check of the store is already running.</summary>
        public const string StoreJobRunning = "store_job_running";

        /// <summary>The people are stored in Qdrant; use its snapshots instead.</summary>
        public const string BackupNotSupported = "backup_not_supported";

        /// <summary>No backup, or no check of the store, was started since the worker started.</summary>
        public const string NoStoreJob = "no_store_job";

        /// <summary>
        /// The requested changes are no longer kept, or belong to another store; the detail says where to continue.
        /// </summary>
        public const string ChangesGone = "changes_gone";

        /// <summary>The request body is larger than allowed.</summary>
        public const string BodyTooLarge = "body_too_large";

        /// <summary>The batch has more photos than allowed.</summary>
        public const string BatchTooLarge = "batch_too_large";

        /// <summary>The photo has more bytes, metadata or JPEG scans than allowed.</summary>
        public const string PhotoTooLarge = "photo_too_large";

        /// <summary>The photo has more pixels than allowed.</summary>
        public const string PhotoTooManyPixels = "photo_too_many_pixels";

        /// <summary>Decoding the photo needs more memory than allowed.</summary>
        public const string PhotoTooMuchMemory = "photo_too_much_memory";

        /// <summary><c>Content-Type</c> does not declare a body that this call accepts.</summary>
        public const string NotJson = "not_json";

        /// <summary>The content is not an image of a supported format.</summary>
        public const string PhotoNotAnImage = "photo_not_an_image";

        /// <summary>The photo's server sent the photo with a <c>Content-Encoding</c>.</summary>
        public const string PhotoCompressed = "photo_compressed";

        /// <summary>The photo cannot be decoded.</summary>
        public const string PhotoDamaged = "photo_damaged";

        /// <summary>The photo has no bytes.</summary>
        public const string PhotoEmpty = "photo_empty";

        /// <summary>The photo's server answered with an error status.</summary>
        public const string PhotoNotAvailable = "photo_not_available";

        /// <summary>The photo's server could not be reached, or closed the connection.</summary>
        public const string PhotoUnreachable = "photo_unreachable";

        /// <summary>The photo's server did not send valid HTTP, or sent too many headers.</summary>
        public const string PhotoSourceInvalid = "photo_source_invalid";

        /// <summary>Photos may not be fetched from this address (SSRF protection).</summary>
        public const string PhotoAddressRefused = "photo_address_refused";

        /// <summary>The URL redirects too often.</summary>
        public const string PhotoTooManyRedirects = "photo_too_many_redirects";

        /// <summary>The plugin component was not accepted; <c>detail</c> tells its author why.</summary>
        public const string PluginRefused = "plugin_refused";

        /// <summary>This <c>Idempotency-Key</c> was already used for a different request.</summary>
        public const string IdempotencyKeyReused = "idempotency_key_reused";

        /// <summary>The worker is at its limit: too many photos are running and queued.</summary>
        public const string Busy = "busy";

        /// <summary>This key, or this client address, exceeded its rate limit.</summary>
        public const string RateLimited = "rate_limited";

        /// <summary>Too many wrong keys came from this client address.</summary>
        public const string TooManyWrongKeys = "too_many_wrong_keys";

        /// <summary>An internal error of the server.</summary>
        public const string Internal = "internal";

        /// <summary>
        /// The store is damaged: clusters were merged in a circle; run <c>ai-worker store repair</c>.
        /// </summary>
        public const string MergeCircle = "merge_circle";

        /// <summary>A plugin failed on this photo.</summary>
        public const string PluginFailed = "plugin_failed";

        /// <summary>A model failed on this photo.</summary>
        public const string InferenceFailed = "inference_failed";

        /// <summary>The photo's server is temporarily unavailable.</summary>
        public const string PhotoSourceBusy = "photo_source_busy";

        /// <summary>The vector store does not answer.</summary>
        public const string StoreUnavailable = "store_unavailable";

        /// <summary>The store cannot be written, for example because its disk is full; deletions still work.</summary>
        public const string StoreNotWritable = "store_not_writable";

        /// <summary>The store's database file was deleted or renamed while the worker was running.</summary>
        public const string StoreLost = "store_lost";

        /// <summary>The worker cannot describe photos right now.</summary>
        public const string NotReady = "not_ready";

        /// <summary>The server is shutting down and starts no new work.</summary>
        public const string ShuttingDown = "shutting_down";

        /// <summary>The photo's server took too long.</summary>
        public const string PhotoTimedOut = "photo_timed_out";

        /// <summary>The request took longer than its time limit and was stopped.</summary>
        public const string DeadlineExceeded = "deadline_exceeded";
    }
}
