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

        /// <summary>The cluster policy, when clusters that resemble each other were looked at again.</summary>
        public const string Consolidation = "consolidation";

        /// <summary>Somebody who corrected it.</summary>
        public const string Person = "person";

        /// <summary>A comparison of two people, when their merge was taken back.</summary>
        public const string Unmerge = "unmerge";
    }

    /// <summary>The order in which clusters are listed.</summary>
    public static class ClusterSorts
    {
        /// <summary>By their ids.</summary>
        public const string Id = "id";

        /// <summary>Those with most faces first.</summary>
        public const string Faces = "faces";

        /// <summary>Those first of whom a photo was processed last.</summary>
        public const string Latest = "latest";
    }

    /// <summary>What kinds of changes there are.</summary>
    public static class ChangeKinds
    {
        /// <summary>
        /// A face is in another cluster: where it was is null when it has come, and where it is when it is gone.
        /// </summary>
        public const string Face = "face";

        /// <summary>The first id answers for the second cluster from now on; its faces have moved.</summary>
        public const string Merged = "merged";

        /// <summary>The second cluster is there again, which had been merged into the first.</summary>
        public const string Unmerged = "unmerged";

        /// <summary>Faces were taken out of the first cluster into the second, which is new.</summary>
        public const string Split = "split";

        /// <summary>The first id answers no more, unless an undo brings faces back into it.</summary>
        public const string Deleted = "deleted";
    }

    /// <summary>What an entry of the audit log tells of.</summary>
    public static class AuditEvents
    {
        /// <summary>A plugin was put into its slot.</summary>
        public const string Swapped = "swapped";

        /// <summary>The plugin before was put back.</summary>
        public const string RolledBack = "rolled-back";

        /// <summary>The plugin before was put back because the active one kept failing.</summary>
        public const string CircuitBroken = "circuit-broken";

        /// <summary>A plugin was not good enough for its slot.</summary>
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

        /// <summary>Two clusters were said to be different people.</summary>
        public const string ClustersDistinguished = "clusters-distinguished";

        /// <summary>That was taken back.</summary>
        public const string ClusterDistinctionWithdrawn = "cluster-distinction-withdrawn";

        /// <summary>Two faces were said to be different people.</summary>
        public const string FacesDistinguished = "faces-distinguished";

        /// <summary>That was taken back.</summary>
        public const string FaceDistinctionWithdrawn = "face-distinction-withdrawn";

        /// <summary>A pair of clusters was marked as unsure.</summary>
        public const string MarkedUnsure = "marked-unsure";

        /// <summary>That was taken back.</summary>
        public const string UnsureWithdrawn = "unsure-withdrawn";

        /// <summary>A person was hidden from lists.</summary>
        public const string PersonHidden = "person-hidden";

        /// <summary>A person is not hidden any more.</summary>
        public const string PersonShown = "person-shown";

        /// <summary>The face that stands for a cluster was chosen.</summary>
        public const string RepresentativeChosen = "representative-chosen";

        /// <summary>Something was said to be no face. Which one is not kept, as it is gone.</summary>
        public const string FaceRejected = "face-rejected";

        /// <summary>That was taken back.</summary>
        public const string FaceRejectionWithdrawn = "face-rejection-withdrawn";

        /// <summary>A correction of these clusters was undone.</summary>
        public const string CorrectionUndone = "correction-undone";

        /// <summary>A person was deleted. Whom is not kept.</summary>
        public const string PersonDeleted = "person-deleted";

        /// <summary>A photo was deleted. Which one is not kept.</summary>
        public const string PhotoDeleted = "photo-deleted";

        /// <summary>
        /// A caller identified the people in a photo that is not stored. The log does not record which photo.
        /// </summary>
        public const string Identified = "identified";

        /// <summary>A caller compared the faces of two photos. The log does not record which photos.</summary>
        public const string Compared = "compared";

        /// <summary>Entries before this one were older than the worker keeps them.</summary>
        public const string EntriesExpired = "entries-expired";

        /// <summary>The entry cannot be read.</summary>
        public const string Unreadable = "unreadable";
    }
}
