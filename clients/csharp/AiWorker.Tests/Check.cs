using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>A check that did not hold.</summary>
    internal sealed class CheckException : Exception
    {
        internal CheckException(string message) : base(message) { }
    }

    /// <summary>Something that a test needs is not there.</summary>
    internal sealed class SkippedException : Exception
    {
        internal SkippedException(string message) : base(message) { }
    }

    internal static class Check
    {
        internal static void True(bool holds, string what)
        {
            if (!holds)
                throw new CheckException(what);
        }

        internal static void Equal<T>(T expected, T actual, string what)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, actual))
                throw new CheckException(what + ": expected " + expected + ", found " + actual);
        }

        internal static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
        {
            if (!expected.SequenceEqual(actual))
                throw new CheckException(what + ": expected [" + string.Join(", ", expected) + "], found [" + string.Join(", ", actual) + "]");
        }

        /// <summary>The same texts in any order; says which are missing and which are too many.</summary>
        internal static void SameSet(IEnumerable<string> expected, IEnumerable<string> actual, string what)
        {
            List<string> missing = expected.Except(actual).ToList(), unexpected = actual.Except(expected).ToList();
            if (missing.Count + unexpected.Count > 0)
                throw new CheckException(what + ": missing [" + string.Join(", ", missing) + "], unexpected [" + string.Join(", ", unexpected) + "]");
        }

        /// <summary>The exception of exactly this type that the work must end in.</summary>
        internal static async Task<T> ThrowsAsync<T>(Func<Task> work, string what) where T : Exception
        {
            try
            {
                await work();
            }
            catch (Exception error)
            {
                if (error.GetType() == typeof(T) || typeof(T) == typeof(OperationCanceledException) && error is T)
                    return (T)error;
                throw new CheckException(what + ": expected " + typeof(T).Name + ", found " + error);
            }
            throw new CheckException(what + ": expected " + typeof(T).Name + ", and nothing was thrown");
        }

        /// <summary>The exception of exactly this type, with this code, that the work must end in.</summary>
        internal static async Task<AiWorkerProblemException> ProblemAsync(Type type, string code, Func<Task> work)
        {
            AiWorkerProblemException found = null;
            try
            {
                await work();
            }
            catch (AiWorkerProblemException error)
            {
                found = error;
            }
            Equal(type, found?.GetType(), code);
            Equal(code, found.Code, "code");
            return found;
        }
    }
}
