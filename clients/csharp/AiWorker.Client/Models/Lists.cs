using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of photos, newest first.</summary>
    [DataContract]
    public sealed class FilesPage
    {
        /// <summary>
        /// The photos. With both a tag and a person, a page may have fewer photos than requested, or none, although
        /// <see cref="Next"/> is not null.
        /// </summary>
        [DataMember(Name = "files", IsRequired = true)]
        public AnswerList<ListedFile> Files { get; set; } = new AnswerList<ListedFile>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public long? Next { get; set; }
    }

    /// <summary>A photo of a list.</summary>
    [DataContract]
    public sealed class ListedFile
    {
        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>Best tag first; null if the photo was processed by a version that did not store tags.</summary>
        [DataMember(Name = "tags", IsRequired = true)]
        public AnswerList<string>? Tags { get; set; }

        /// <summary>
        /// One Indonesian phrase; null if the photo was processed by a version that did not store contexts.
        /// </summary>
        [DataMember(Name = "context", IsRequired = true)]
        public string? Context { get; set; }

        /// <summary>How many faces are stored for the photo.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The people in it, each once, in the order of their faces, after all merges.</summary>
        [DataMember(Name = "cluster_ids", IsRequired = true)]
        public AnswerList<Guid> ClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The URL it was fetched from is stored.</summary>
        [DataMember(Name = "has_url", IsRequired = true)]
        public bool HasUrl { get; set; }
    }

    /// <summary>Tags of photos.</summary>
    [DataContract]
    public sealed class TagList
    {
        /// <summary>
        /// The tags, the most frequent first; tags with the same number of photos are in the order of their names.
        /// </summary>
        [DataMember(Name = "tags", IsRequired = true)]
        public AnswerList<ListedTag> Tags { get; set; } = new AnswerList<ListedTag>();
    }

    /// <summary>A tag.</summary>
    [DataContract]
    public sealed class ListedTag
    {
        /// <summary>The tag.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>How many photos have it.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public long Photos { get; set; }
    }

    /// <summary>The answers of the active plugins about a stored photo.</summary>
    [DataContract]
    public sealed class ReadingAnswer
    {
        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The tags, best first, with their scores, and their reasons where the tagger gives any.</summary>
        [DataMember(Name = "scored_tags", IsRequired = true)]
        public AnswerList<ScoredTag> ScoredTags { get; set; } = new AnswerList<ScoredTag>();

        /// <summary>The phrase for these tags.</summary>
        [DataMember(Name = "context", IsRequired = true)]
        public ReadingContext Context { get; set; } = new ReadingContext();

        /// <summary>The plugins that answered.</summary>
        [DataMember(Name = "plugins", IsRequired = true)]
        public PluginIdentities Plugins { get; set; } = new PluginIdentities();

        /// <summary>Evidence that a plugin wants and that was not stored with the photo.</summary>
        [DataMember(Name = "lacking", IsRequired = true)]
        public AnswerList<string> Lacking { get; set; } = new AnswerList<string>();

        /// <summary>Whether tags, scores and phrase are the same as the stored ones.</summary>
        [DataMember(Name = "same_as_stored", IsRequired = true)]
        public bool SameAsStored { get; set; }
    }

    /// <summary>A phrase and the context mapper's reason for it.</summary>
    [DataContract]
    public sealed class ReadingContext
    {
        /// <summary>One Indonesian phrase.</summary>
        [DataMember(Name = "phrase", IsRequired = true)]
        public string Phrase { get; set; } = "";

        /// <summary>How sure the context mapper is, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>Which evidence spoke for it, as the context mapper says it; null when it does not.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string? Reason { get; set; }
    }
}
