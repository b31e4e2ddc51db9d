namespace AiWorker.Client
{
    /// <summary>
    /// The codes of problems. A code never gets another meaning; a later worker may have further ones.
    /// </summary>
    public static class ProblemCodes
    {
        /// <summary>The request cannot be read as what this call takes.</summary>
        public const string MalformedRequest = "malformed_request";

        /// <summary>A value is outside of what is allowed.</summary>
        public const string InvalidValue = "invalid_value";

        /// <summary><c>image_url</c> is no http or https URL.</summary>
        public const string InvalidImageUrl = "invalid_image_url";

        /// <summary><c>X-Plugin-Signature</c> is not base64 of a signature file.</summary>
        public const string InvalidSignatureHeader = "invalid_signature_header";

        /// <summary>A trusted proxy does not say whom it speaks for.</summary>
        public const string InvalidForwardedHeader = "invalid_forwarded_header";

        /// <summary>The request does not name one host in <c>Host</c>.</summary>
        public const string InvalidHostHeader = "invalid_host_header";

        /// <summary><c>Idempotency-Key</c> is no visible ASCII of 1 to 255 characters.</summary>
        public const string InvalidIdempotencyKey = "invalid_idempotency_key";

        /// <summary>The batch names no photo.</summary>
        public const string EmptyBatch = "empty_batch";

        /// <summary>There is nothing to merge.</summary>
        public const string EmptyMerge = "empty_merge";

        /// <summary>A cluster was to be merged into itself.</summary>
        public const string SourceIsTarget = "source_is_target";

        /// <summary>The split names no face.</summary>
        public const string EmptySplit = "empty_split";

        /// <summary>A face was to be told from itself.</summary>
        public const string SameFace = "same_face";

        /// <summary><c>X-API-Key</c> is missing or wrong.</summary>
        public const string WrongApiKey = "wrong_api_key";

        /// <summary><c>X-Admin-Key</c> is missing or wrong.</summary>
        public const string WrongAdminKey = "wrong_admin_key";

        /// <summary>The server does not serve this address.</summary>
        public const string AddressNotAllowed = "address_not_allowed";

        /// <summary>A server that asks for no key answers to names of its own only.</summary>
        public const string HostNotAllowed = "host_not_allowed";

        /// <summary>A page of another site may not change anything.</summary>
        public const string OriginNotAllowed = "origin_not_allowed";

        /// <summary>The server has no admin key, so this call is off.</summary>
        public const string NoAdminKey = "no_admin_key";

        /// <summary>The key's role is not enough for this call.</summary>
        public const string RoleNotAllowed = "role_not_allowed";

        /// <summary>There is no such cluster and never was.</summary>
        public const string UnknownCluster = "unknown_cluster";

        /// <summary>There is no such face.</summary>
        public const string UnknownFace = "unknown_face";

        /// <summary>Nothing is stored under this id.</summary>
        public const string UnknownFile = "unknown_file";

        /// <summary>There is no such slot.</summary>
        public const string UnknownSlot = "unknown_slot";

        /// <summary>No candidate runs beside this slot's plugin.</summary>
        public const string NoShadow = "no_shadow";

        /// <summary>Nothing was replayed for this slot since the worker started.</summary>
        public const string NoReplay = "no_replay";

        /// <summary>There is nothing at this path.</summary>
        public const string NoSuchRoute = "no_such_route";

        /// <summary>This path does not answer to this method.</summary>
        public const string MethodNotAllowed = "method_not_allowed";

        /// <summary>The photo's URL was not kept (<c>STORE_URLS</c>), so that it cannot be fetched again.</summary>
        public const string NoStoredUrl = "no_stored_url";

        /// <summary>No plugin was active before this one.</summary>
        public const string NothingToRollBack = "nothing_to_roll_back";

        /// <summary>No face is left that could be given back.</summary>
        public const string NothingToRestore = "nothing_to_restore";

        /// <summary>The split names every face of the cluster.</summary>
        public const string NothingStays = "nothing_stays";

        /// <summary>The face is in another cluster.</summary>
        public const string FaceNotInCluster = "face_not_in_cluster";

        /// <summary>Both ids name one cluster.</summary>
        public const string SameCluster = "same_cluster";

        /// <summary>The history of this person has no such correction.</summary>
        public const string UnknownEntry = "unknown_entry";

        /// <summary>The correction cannot be undone as it was; the detail says why.</summary>
        public const string NotUndoable = "not_undoable";

        /// <summary>The photo in the request did not arrive in the time that a download may take.</summary>
        public const string UploadTimedOut = "upload_timed_out";

        /// <summary>A request with this <c>Idempotency-Key</c> is being answered.</summary>
        public const string IdempotencyKeyInUse = "idempotency_key_in_use";

        /// <summary>A backup or a check of the store runs.</summary>
        public const string StoreJobRunning = "store_job_running";

        /// <summary>The people are on Qdrant, which has snapshots of its own.</summary>
        public const string BackupNotSupported = "backup_not_supported";

        /// <summary>No backup, or no check of the store, was asked for since the worker started.</summary>
        public const string NoStoreJob = "no_store_job";

        /// <summary>
        /// These changes are not kept any more, or not of this store; the detail says where to go on.
        /// </summary>
        public const string ChangesGone = "changes_gone";

        /// <summary>The request body is larger than allowed.</summary>
        public const string BodyTooLarge = "body_too_large";

        /// <summary>The batch has more photos than allowed.</summary>
        public const string BatchTooLarge = "batch_too_large";

        /// <summary>The photo has more bytes than allowed.</summary>
        public const string PhotoTooLarge = "photo_too_large";

        /// <summary>The photo has more pixels than allowed.</summary>
        public const string PhotoTooManyPixels = "photo_too_many_pixels";

        /// <summary>The photo takes more memory to decode than allowed.</summary>
        public const string PhotoTooMuchMemory = "photo_too_much_memory";

        /// <summary>The request body is not declared as JSON.</summary>
        public const string NotJson = "not_json";

        /// <summary>What the URL gave, or the request, is no image of a known format, or of a kind of it that is not supported.</summary>
        public const string PhotoNotAnImage = "photo_not_an_image";

        /// <summary>The photo's server sent it with a <c>Content-Encoding</c>.</summary>
        public const string PhotoCompressed = "photo_compressed";

        /// <summary>The photo cannot be decoded.</summary>
        public const string PhotoDamaged = "photo_damaged";

        /// <summary>The URL, or the request, gave no bytes.</summary>
        public const string PhotoEmpty = "photo_empty";

        /// <summary>The photo's server answered with an error.</summary>
        public const string PhotoNotAvailable = "photo_not_available";

        /// <summary>The photo's server cannot be reached, or closes the connection.</summary>
        public const string PhotoUnreachable = "photo_unreachable";

        /// <summary>The photo's server answers with what is no valid HTTP, or too many headers.</summary>
        public const string PhotoSourceInvalid = "photo_source_invalid";

        /// <summary>Photos are not fetched from this address.</summary>
        public const string PhotoAddressRefused = "photo_address_refused";

        /// <summary>The URL redirects too often.</summary>
        public const string PhotoTooManyRedirects = "photo_too_many_redirects";

        /// <summary>The component is not good enough; <c>detail</c> is for its author.</summary>
        public const string PluginRefused = "plugin_refused";

        /// <summary>This <c>Idempotency-Key</c> belongs to another request.</summary>
        public const string IdempotencyKeyReused = "idempotency_key_reused";

        /// <summary>As many photos as allowed are in work and waiting.</summary>
        public const string Busy = "busy";

        /// <summary>This key, or this address, has sent too many requests.</summary>
        public const string RateLimited = "rate_limited";

        /// <summary>Too many wrong keys came from this address.</summary>
        public const string TooManyWrongKeys = "too_many_wrong_keys";

        /// <summary>The server failed.</summary>
        public const string Internal = "internal";

        /// <summary>
        /// The store is damaged: clusters were merged in a circle, which <c>ai-worker store repair</c> breaks.
        /// </summary>
        public const string MergeCircle = "merge_circle";

        /// <summary>A plugin failed on this photo.</summary>
        public const string PluginFailed = "plugin_failed";

        /// <summary>A model failed on this photo.</summary>
        public const string InferenceFailed = "inference_failed";

        /// <summary>The photo's server is busy or away for a while.</summary>
        public const string PhotoSourceBusy = "photo_source_busy";

        /// <summary>The vector store does not answer.</summary>
        public const string StoreUnavailable = "store_unavailable";

        /// <summary>The store cannot be written, as when its disk is full; deletions go on.</summary>
        public const string StoreNotWritable = "store_not_writable";

        /// <summary>The store's database was deleted or renamed while the worker runs.</summary>
        public const string StoreLost = "store_lost";

        /// <summary>The worker cannot describe photos right now.</summary>
        public const string NotReady = "not_ready";

        /// <summary>The server stops and begins nothing new.</summary>
        public const string ShuttingDown = "shutting_down";

        /// <summary>The photo's server took too long.</summary>
        public const string PhotoTimedOut = "photo_timed_out";

        /// <summary>The request took too long and was given up.</summary>
        public const string DeadlineExceeded = "deadline_exceeded";
    }
}
