module @attention {
  func.func public @main(%arg0: tensor<2x4x24xf32> loc("in0")) -> (tensor<2x4x12xf32>, tensor<2x4x24xf32>) {
    %0 = stablehlo.slice %arg0 [0:2, 0:4, 0:12] : (tensor<2x4x24xf32>) -> tensor<2x4x12xf32>
    %1 = stablehlo.reshape %0 : (tensor<2x4x12xf32>) -> tensor<2x4x2x2x3xf32>
    %2 = stablehlo.transpose %1, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x2x3xf32>) -> tensor<2x2x2x4x3xf32>
    %3 = stablehlo.slice %arg0 [0:2, 0:4, 12:18] : (tensor<2x4x24xf32>) -> tensor<2x4x6xf32>
    %4 = stablehlo.reshape %3 : (tensor<2x4x6xf32>) -> tensor<2x4x2x1x3xf32>
    %5 = stablehlo.transpose %4, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x1x3xf32>) -> tensor<2x2x1x4x3xf32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %7 = stablehlo.slice %arg0 [0:2, 0:4, 18:24] : (tensor<2x4x24xf32>) -> tensor<2x4x6xf32>
    %8 = stablehlo.reshape %7 : (tensor<2x4x6xf32>) -> tensor<2x4x2x1x3xf32>
    %9 = stablehlo.transpose %8, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x1x3xf32>) -> tensor<2x2x1x4x3xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %11 = stablehlo.dot_general %2, %6, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [4] x [4], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x3xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x4xf32>
    %12 = stablehlo.constant dense<0x3F13CD3A> : tensor<2x2x2x4x4xf32>
    %13 = stablehlo.multiply %11, %12 : tensor<2x2x2x4x4xf32>
    %14 = stablehlo.iota dim = 3 : tensor<2x2x2x4x4xi32>
    %15 = stablehlo.iota dim = 4 : tensor<2x2x2x4x4xi32>
    %16 = stablehlo.constant dense<0xFF800000> : tensor<2x2x2x4x4xf32>
    %17 = stablehlo.compare LE, %15, %14 : (tensor<2x2x2x4x4xi32>, tensor<2x2x2x4x4xi32>) -> tensor<2x2x2x4x4xi1>
    %18 = stablehlo.select %17, %13, %16 : tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>
    %19 = stablehlo.constant dense<0x3F800000> : tensor<2x2x2x4x4xf32>
    %20 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %21 = stablehlo.reduce(%18 init: %20) applies stablehlo.maximum across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %23 = stablehlo.subtract %18, %22 : tensor<2x2x2x4x4xf32>
    %24 = stablehlo.exponential %23 : tensor<2x2x2x4x4xf32>
    %25 = stablehlo.multiply %24, %19 : tensor<2x2x2x4x4xf32>
    %26 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %27 = stablehlo.reduce(%25 init: %26) applies stablehlo.add across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %28 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %29 = stablehlo.divide %25, %28 : tensor<2x2x2x4x4xf32>
    %30 = stablehlo.dot_general %29, %10, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [4] x [3], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %31 = stablehlo.transpose %30, dims = [0, 3, 1, 2, 4] : (tensor<2x2x2x4x3xf32>) -> tensor<2x4x2x2x3xf32>
    %32 = stablehlo.reshape %31 : (tensor<2x4x2x2x3xf32>) -> tensor<2x4x12xf32>
    %33 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %34 = stablehlo.broadcast_in_dim %33, dims = [] : (tensor<f32>) -> tensor<2x4x12xf32>
    %35 = stablehlo.multiply %34, %32 : tensor<2x4x12xf32>
    %36 = stablehlo.multiply %34, %32 : tensor<2x4x12xf32>
    %37 = stablehlo.add %35, %36 : tensor<2x4x12xf32>
    %38 = stablehlo.slice %arg0 [0:2, 0:4, 0:12] : (tensor<2x4x24xf32>) -> tensor<2x4x12xf32>
    %39 = stablehlo.reshape %38 : (tensor<2x4x12xf32>) -> tensor<2x4x2x2x3xf32>
    %40 = stablehlo.transpose %39, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x2x3xf32>) -> tensor<2x2x2x4x3xf32>
    %41 = stablehlo.slice %arg0 [0:2, 0:4, 12:18] : (tensor<2x4x24xf32>) -> tensor<2x4x6xf32>
    %42 = stablehlo.reshape %41 : (tensor<2x4x6xf32>) -> tensor<2x4x2x1x3xf32>
    %43 = stablehlo.transpose %42, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x1x3xf32>) -> tensor<2x2x1x4x3xf32>
    %44 = stablehlo.broadcast_in_dim %43, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %45 = stablehlo.slice %arg0 [0:2, 0:4, 18:24] : (tensor<2x4x24xf32>) -> tensor<2x4x6xf32>
    %46 = stablehlo.reshape %45 : (tensor<2x4x6xf32>) -> tensor<2x4x2x1x3xf32>
    %47 = stablehlo.transpose %46, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x1x3xf32>) -> tensor<2x2x1x4x3xf32>
    %48 = stablehlo.broadcast_in_dim %47, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %49 = stablehlo.dot_general %40, %44, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [4] x [4], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x3xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x4xf32>
    %50 = stablehlo.constant dense<0x3F13CD3A> : tensor<2x2x2x4x4xf32>
    %51 = stablehlo.multiply %49, %50 : tensor<2x2x2x4x4xf32>
    %52 = stablehlo.iota dim = 3 : tensor<2x2x2x4x4xi32>
    %53 = stablehlo.iota dim = 4 : tensor<2x2x2x4x4xi32>
    %54 = stablehlo.constant dense<0xFF800000> : tensor<2x2x2x4x4xf32>
    %55 = stablehlo.compare LE, %53, %52 : (tensor<2x2x2x4x4xi32>, tensor<2x2x2x4x4xi32>) -> tensor<2x2x2x4x4xi1>
    %56 = stablehlo.select %55, %51, %54 : tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>
    %57 = stablehlo.constant dense<0x3F800000> : tensor<2x2x2x4x4xf32>
    %58 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %59 = stablehlo.reduce(%56 init: %58) applies stablehlo.maximum across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %60 = stablehlo.broadcast_in_dim %59, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %61 = stablehlo.subtract %56, %60 : tensor<2x2x2x4x4xf32>
    %62 = stablehlo.exponential %61 : tensor<2x2x2x4x4xf32>
    %63 = stablehlo.multiply %62, %57 : tensor<2x2x2x4x4xf32>
    %64 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %65 = stablehlo.reduce(%63 init: %64) applies stablehlo.add across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %66 = stablehlo.broadcast_in_dim %65, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %67 = stablehlo.divide %63, %66 : tensor<2x2x2x4x4xf32>
    %68 = stablehlo.reshape %37 : (tensor<2x4x12xf32>) -> tensor<2x4x2x2x3xf32>
    %69 = stablehlo.transpose %68, dims = [0, 2, 3, 1, 4] : (tensor<2x4x2x2x3xf32>) -> tensor<2x2x2x4x3xf32>
    %70 = stablehlo.dot_general %69, %48, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [4] x [4], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x3xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x4xf32>
    %71 = stablehlo.dot_general %69, %67, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [3] x [3], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x3xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x3x4xf32>
    %72 = stablehlo.transpose %71, dims = [0, 1, 2, 4, 3] : (tensor<2x2x2x3x4xf32>) -> tensor<2x2x2x4x3xf32>
    %73 = stablehlo.divide %70, %66 : tensor<2x2x2x4x4xf32>
    %74 = stablehlo.multiply %70, %67 : tensor<2x2x2x4x4xf32>
    %75 = stablehlo.divide %74, %66 : tensor<2x2x2x4x4xf32>
    %76 = stablehlo.constant dense<0xBF800000> : tensor<2x2x2x4x4xf32>
    %77 = stablehlo.multiply %75, %76 : tensor<2x2x2x4x4xf32>
    %78 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %79 = stablehlo.reduce(%77 init: %78) applies stablehlo.add across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %80 = stablehlo.broadcast_in_dim %79, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %81 = stablehlo.add %73, %80 : tensor<2x2x2x4x4xf32>
    %82 = stablehlo.multiply %81, %57 : tensor<2x2x2x4x4xf32>
    %83 = stablehlo.multiply %82, %62 : tensor<2x2x2x4x4xf32>
    %84 = stablehlo.constant dense<0xBF800000> : tensor<2x2x2x4x4xf32>
    %85 = stablehlo.multiply %83, %84 : tensor<2x2x2x4x4xf32>
    %86 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %87 = stablehlo.reduce(%85 init: %86) applies stablehlo.add across dimensions = [4] : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %88 = stablehlo.broadcast_in_dim %87, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %89 = stablehlo.broadcast_in_dim %59, dims = [0, 1, 2, 3] : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %90 = stablehlo.constant dense<0x00000000> : tensor<2x2x2x4x4xf32>
    %91 = stablehlo.compare EQ, %56, %89 : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xi1>
    %92 = stablehlo.select %91, %88, %90 : tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>
    %93 = stablehlo.add %83, %92 : tensor<2x2x2x4x4xf32>
    %94 = stablehlo.constant dense<0x00000000> : tensor<2x2x2x4x4xf32>
    %95 = stablehlo.compare LE, %53, %52 : (tensor<2x2x2x4x4xi32>, tensor<2x2x2x4x4xi32>) -> tensor<2x2x2x4x4xi1>
    %96 = stablehlo.select %95, %93, %94 : tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>
    %97 = stablehlo.constant dense<0x3F13CD3A> : tensor<2x2x2x4x4xf32>
    %98 = stablehlo.multiply %96, %97 : tensor<2x2x2x4x4xf32>
    %99 = stablehlo.dot_general %98, %44, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [4] x [3], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %100 = stablehlo.dot_general %98, %40, batching_dims = [0, 1, 2] x [0, 1, 2], contracting_dims = [3] x [3], precision = [HIGHEST, HIGHEST] : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x3xf32>) -> tensor<2x2x2x4x3xf32>
    %101 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %102 = stablehlo.reduce(%72 init: %101) applies stablehlo.add across dimensions = [2] : (tensor<2x2x2x4x3xf32>, tensor<f32>) -> tensor<2x2x4x3xf32>
    %103 = stablehlo.reshape %102 : (tensor<2x2x4x3xf32>) -> tensor<2x2x1x4x3xf32>
    %104 = stablehlo.transpose %103, dims = [0, 3, 1, 2, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x4x2x1x3xf32>
    %105 = stablehlo.reshape %104 : (tensor<2x4x2x1x3xf32>) -> tensor<2x4x6xf32>
    %106 = stablehlo.constant dense<0x00000000> : tensor<2x4x18xf32>
    %107 = stablehlo.concatenate %106, %105, dim = 2 : (tensor<2x4x18xf32>, tensor<2x4x6xf32>) -> tensor<2x4x24xf32>
    %108 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %109 = stablehlo.reduce(%100 init: %108) applies stablehlo.add across dimensions = [2] : (tensor<2x2x2x4x3xf32>, tensor<f32>) -> tensor<2x2x4x3xf32>
    %110 = stablehlo.reshape %109 : (tensor<2x2x4x3xf32>) -> tensor<2x2x1x4x3xf32>
    %111 = stablehlo.transpose %110, dims = [0, 3, 1, 2, 4] : (tensor<2x2x1x4x3xf32>) -> tensor<2x4x2x1x3xf32>
    %112 = stablehlo.reshape %111 : (tensor<2x4x2x1x3xf32>) -> tensor<2x4x6xf32>
    %113 = stablehlo.constant dense<0x00000000> : tensor<2x4x12xf32>
    %114 = stablehlo.constant dense<0x00000000> : tensor<2x4x6xf32>
    %115 = stablehlo.concatenate %113, %112, %114, dim = 2 : (tensor<2x4x12xf32>, tensor<2x4x6xf32>, tensor<2x4x6xf32>) -> tensor<2x4x24xf32>
    %116 = stablehlo.add %107, %115 : tensor<2x4x24xf32>
    %117 = stablehlo.transpose %99, dims = [0, 3, 1, 2, 4] : (tensor<2x2x2x4x3xf32>) -> tensor<2x4x2x2x3xf32>
    %118 = stablehlo.reshape %117 : (tensor<2x4x2x2x3xf32>) -> tensor<2x4x12xf32>
    %119 = stablehlo.constant dense<0x00000000> : tensor<2x4x12xf32>
    %120 = stablehlo.concatenate %118, %119, dim = 2 : (tensor<2x4x12xf32>, tensor<2x4x12xf32>) -> tensor<2x4x24xf32>
    %121 = stablehlo.add %116, %120 : tensor<2x4x24xf32>
    return %32, %121 : tensor<2x4x12xf32>, tensor<2x4x24xf32>
  }
}
