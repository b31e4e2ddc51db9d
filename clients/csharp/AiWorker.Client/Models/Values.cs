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

    /// <summary>In which order clusters are listed.</summary>
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

        /// <summary>The first id answers no more.</summary>
        public const string Deleted = "deleted";
    }
}
