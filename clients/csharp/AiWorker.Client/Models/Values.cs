namespace AiWorker.Client
{
    /// <summary>The slots that plugins are in.</summary>
    public static class PluginSlots
    {
        /// <summary>From a scene to tags.</summary>
        public const string Tagger = "tagger";

        /// <summary>From a scene and its tags to one Indonesian phrase.</summary>
        public const string ContextMapper = "context-mapper";

        /// <summary>Whether a face joins a cluster.</summary>
        public const string ClusterPolicy = "cluster-policy";
    }

    /// <summary>Apparent genders.</summary>
    public static class Genders
    {
        /// <summary>Female.</summary>
        public const string Female = "female";

        /// <summary>Male.</summary>
        public const string Male = "male";
    }

    /// <summary>Who put a face into its cluster.</summary>
    public static class Deciders
    {
        /// <summary>The cluster policy, when the photo was processed.</summary>
        public const string Policy = "policy";

        /// <summary>The cluster policy, when similar clusters were compared again (consolidation).</summary>
        public const string Consolidation = "consolidation";

        /// <summary>A person, by a correction.</summary>
        public const string Person = "person";

        /// <summary>A comparison of two people, when their merge was taken back.</summary>
        public const string Unmerge = "unmerge";
    }

    /// <summary>The order in which clusters are listed.</summary>
    public static class ClusterSorts
    {
        /// <summary>By their ids.</summary>
        public const string Id = "id";

        /// <summary>The person with the most faces first.</summary>
        public const string Faces = "faces";

        /// <summary>The person with the most recently processed photo first.</summary>
        public const string Latest = "latest";
    }

    /// <summary>The kinds of changes.</summary>
    public static class ChangeKinds
    {
        /// <summary>
        /// A face is in another cluster: where it was is null when it has come, and where it is when it is gone.
        /// </summary>
        public const string Face = "face";

        /// <summary>The first cluster was merged into the second: its faces moved, and its id now means the second cluster.</summary>
        public const string Merged = "merged";

        /// <summary>A merge was taken back: the second cluster, which had been merged into the first, exists again.</summary>
        public const string Unmerged = "unmerged";

        /// <summary>Faces were moved out of the first cluster into the second, which is new.</summary>
        public const string Split = "split";

        /// <summary>The first id is no longer valid, unless an undo brings faces back into it.</summary>
        public const string Deleted = "deleted";
    }

    /// <summary>The events of the audit log.</summary>
    public static class AuditEvents
    {
        /// <summary>A plugin was put into its slot.</summary>
        public const string Swapped = "swapped";

        /// <summary>The previous plugin was restored (rollback).</summary>
        public const string RolledBack = "rolled-back";

        /// <summary>The previous plugin was restored because the active one kept failing.</summary>
        public const string CircuitBroken = "circuit-broken";

        /// <summary>A plugin was refused.</summary>
        public const string Refused = "refused";

        /// <summary>The caller disconnected before the plugin was put into its slot, so nothing was changed.</summary>
        public const string SwapAbandoned = "swap-abandoned";

        /// <summary>Clusters were merged: the first one has the faces of all others.</summary>
        public const string Merged = "merged";

        /// <summary>The merge of the first cluster into the second was taken back.</summary>
        public const string Unmerged = "unmerged";

        /// <summary>Faces were taken out of the first cluster into the second.</summary>
        public const string Split = "split";

        /// <summary>A face was moved from the first cluster to the second, or confirmed in its own.</summary>
        public const string FaceMoved = "face-moved";

        /// <summary>Two clusters were stated to be different people.</summary>
        public const string ClustersDistinguished = "clusters-distinguished";

        /// <summary>The statement that two clusters are different people was taken back.</summary>
        public const string ClusterDistinctionWithdrawn = "cluster-distinction-withdrawn";

        /// <summary>Two faces were stated to be different people.</summary>
        public const string FacesDistinguished = "faces-distinguished";

        /// <summary>The statement that two faces are different people was taken back.</summary>
        public const string FaceDistinctionWithdrawn = "face-distinction-withdrawn";

        /// <summary>A pair of clusters was marked as unsure.</summary>
        public const string MarkedUnsure = "marked-unsure";

        /// <summary>The mark that a pair of clusters is unsure was removed.</summary>
        public const string UnsureWithdrawn = "unsure-withdrawn";

        /// <summary>A person was hidden from lists.</summary>
        public const string PersonHidden = "person-hidden";

        /// <summary>A person is no longer hidden.</summary>
        public const string PersonShown = "person-shown";

        /// <summary>The representative face of a cluster was chosen.</summary>
        public const string RepresentativeChosen = "representative-chosen";

        /// <summary>A face was rejected as not being a face. The log does not record which one, because it is deleted.</summary>
        public const string FaceRejected = "face-rejected";

        /// <summary>The rejection of a face was taken back.</summary>
        public const string FaceRejectionWithdrawn = "face-rejection-withdrawn";

        /// <summary>A correction of these clusters was undone.</summary>
        public const string CorrectionUndone = "correction-undone";

        /// <summary>A person was deleted. The log does not record whom.</summary>
        public const string PersonDeleted = "person-deleted";

        /// <summary>A photo was deleted. The log does not record which one.</summary>
        public const string PhotoDeleted = "photo-deleted";

        /// <summary>
        /// A caller identified the people in a photo that is not stored. The log does not record which photo.
        /// </summary>
        public const string Identified = "identified";

        /// <summary>A caller compared the faces of two photos. The log does not record which photos.</summary>
        public const string Compared = "compared";

        /// <summary>Earlier entries were removed because they were older than AUDIT_KEEP_DAYS.</summary>
        public const string EntriesExpired = "entries-expired";

        /// <summary>The entry cannot be read.</summary>
        public const string Unreadable = "unreadable";
    }
}
