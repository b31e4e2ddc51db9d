using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>Photos to describe.</summary>
    [DataContract]
    internal sealed class BatchRequest
    {
        /// <summary>At least one, and at most <c>BATCH_PHOTOS</c>.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public IList<ProcessRequest> Photos { get; set; } = new List<ProcessRequest>();
    }

    /// <summary>The result of one photo of a batch: an answer or a problem.</summary>
    public sealed class BatchResult
    {
        /// <summary>A photo that was described.</summary>
        /// <param name="index">The photo's place in the request, from 0.</param>
        /// <param name="fileId">The caller's id for the photo.</param>
        /// <param name="answer">What is in it.</param>
        public BatchResult(long index, string fileId, ProcessAnswer answer) : this(index, fileId)
        {
            Answer = answer ?? throw new ArgumentNullException(nameof(answer));
        }

        /// <summary>A photo that failed.</summary>
        /// <param name="index">The photo's place in the request, from 0.</param>
        /// <param name="fileId">The caller's id for the photo.</param>
        /// <param name="problem">Why.</param>
        public BatchResult(long index, string fileId, AiWorkerProblemException problem) : this(index, fileId)
        {
            Problem = problem ?? throw new ArgumentNullException(nameof(problem));
        }

        private BatchResult(long index, string fileId)
        {
            Index = index;
            FileId = fileId ?? throw new ArgumentNullException(nameof(fileId));
        }

        /// <summary>The photo's place in the request, from 0.</summary>
        public long Index { get; }

        /// <summary>The caller's id for the photo.</summary>
        public string FileId { get; }

        /// <summary>The description of the photo; null if there is a problem.</summary>
        public ProcessAnswer? Answer { get; }

        /// <summary>
        /// What <see cref="AiWorkerClient.ProcessAsync"/> would have thrown; null when there is an answer.
        /// </summary>
        public AiWorkerProblemException? Problem { get; }
    }

    /// <summary>A line of the answer: the fields of an answer, or the problem.</summary>
    [DataContract]
    internal sealed class BatchLine
    {
        /// <summary>The photo's place in the request, from 0.</summary>
        [DataMember(Name = "index", IsRequired = true)]
        public long Index { get; set; }

        /// <summary>The caller's id for the photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The people, largest face first.</summary>
        [DataMember(Name = "faces")]
        public AnswerList<DescribedFace>? Faces { get; set; }

        /// <summary>Best tag first.</summary>
        [DataMember(Name = "tags")]
        public AnswerList<string>? Tags { get; set; }

        /// <summary>One Indonesian phrase.</summary>
        [DataMember(Name = "context")]
        public string? Context { get; set; }

        /// <summary>Slots whose plugin failed.</summary>
        [DataMember(Name = "degraded")]
        public AnswerList<string>? Degraded { get; set; }

        /// <summary>How the answer was made.</summary>
        [DataMember(Name = "details")]
        public Details? Details { get; set; }

        /// <summary>Why there is no answer.</summary>
        [DataMember(Name = "problem")]
        public Problem? Problem { get; set; }

        internal BatchResult Result()
        {
            if (Problem != null)
                return new BatchResult(Index, FileId, AiWorkerProblemException.Of(Problem));
            if (Faces == null || Tags == null || Context == null)
                throw new SerializationException("A line of a batch has neither an answer nor a problem.");
            var answer = new ProcessAnswer
            {
                FileId = FileId,
                Faces = Faces,
                Tags = Tags,
                Context = Context,
                Degraded = Degraded ?? new AnswerList<string>(),
                Details = Details,
            };
            return new BatchResult(Index, FileId, answer);
        }
    }
}
